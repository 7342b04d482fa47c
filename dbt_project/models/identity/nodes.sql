{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

with rules as (
    select * from {{ ref('stg_release__identity_rules') }}
),

first_sight as (
    select
        o.node_id,
        {{ short_id('o.node_id') }} as node_short,
        o.node_type,
        o.node_value,
        min(o.observed_at) as first_observed_at,
        min(o.loaded_seq) as first_loaded_seq
    from {{ ref('stg_observations') }} as o
    where {{ in_window('o.loaded_seq') }}
    group by o.node_id, o.node_type, o.node_value
),

unknown as (
    select f.*
    from first_sight as f
    {% if is_incremental() %}
    where
        f.node_short not in (
            select t.node_short from {{ this }} as t
            where t.node_short in {{ few_of('first_sight', 'node_short') }}
        )
    {% endif %}
),

{#- Who comes back after an erasure is somebody new, with an id of their own. -#}
erased as (
    select
        subject_id as node_id,
        arg_max(erasure_id, seq) as erasure_id
    from {{ ref('stg_journal__erasures') }}
    where kind = 'node'
    group by subject_id
),

highest as (
    {% if is_incremental() %}
    select coalesce(max(t.node_seq), 0) as node_seq from {{ this }} as t
    {% else %}
    select 0 as node_seq
    {% endif %}
)

select
    u.node_id,
    u.node_short,
    u.node_type,
    u.node_value,
    h.node_seq + row_number() over (
        order by u.first_loaded_seq, r.priority, u.node_id
    ) as node_seq,
    case
        when e.node_id is null then {{ baton_id('person', ['u.node_id']) }}
        else {{ baton_id('person', ['u.node_id', 'e.erasure_id']) }}
    end as minted_person_id,
    u.first_observed_at,
    u.first_loaded_seq
from unknown as u
cross join highest as h
left join rules as r
    on u.node_type = r.node_type
left join erased as e
    on u.node_id = e.node_id
