{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['rebuilt']
) }}

with seen as (
    select
        o.*,
        {{ short_id('o.node_id') }} as node_short,
        {{ short_id('o.hub_node_id') }} as hub_node_short
    from {{ ref('stg_observations') }} as o
    where {{ in_window('o.loaded_seq') }}
),

known as (
    select
        n.node_short,
        n.node_seq
    from {{ ref('nodes') }} as n
    {%- if is_incremental() %}
    where n.node_short in {{ few_of('seen', 'node_short') }}
    {%- endif %}
),

numbered as (
    select
        s.*,
        n.node_seq,
        h.node_seq as hub_node_seq
    from seen as s
    inner join known as n
        on s.node_short = n.node_short
    inner join known as h
        on s.hub_node_short = h.node_short
)

select
    {{ baton_id('observation', [
        'o.record_id', 'o.node_id', 'o.hub_node_id', 'o.loaded_seq'
    ]) }} as observation_id,
    o.record_id,
    {{ short_id('o.record_id') }} as record_short,
    o.source_model,
    o.node_id,
    o.node_type,
    o.node_value,
    o.node_seq,
    o.hub_node_id,
    case
        when o.node_seq <> o.hub_node_seq
            then {{ pair_key('o.node_seq', 'o.hub_node_seq') }}
    end as pair_key,
    o.observed_at,
    o.loaded_seq
from numbered as o
{% if is_incremental() %}
left join {{ this }} as done
    on
        o.loaded_seq = done.loaded_seq
        and o.record_id = done.record_id
        and o.node_id = done.node_id
        and {{ in_this_window('done.loaded_seq') }}
where done.observation_id is null
{% endif %}
