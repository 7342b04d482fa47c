{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_seq'
) }}

{% set named = 'named' if is_incremental() else ref('nodes') %}

with resolved as (
    select
        m.node_seq,
        m.component_seq,
        coalesce(c.canonical_seq, m.component_seq) as canonical_seq,
        m.prior_component_seq,
        m.prior_canonical_seq
    from {{ ref('int_identity__touched_components') }} as m
    left join {{ ref('int_identity__clusters') }} as c
        on m.node_seq = c.node_seq
),

changed as (
    select * from resolved
    where
        prior_canonical_seq is null
        or canonical_seq <> prior_canonical_seq
        or component_seq <> prior_component_seq
),

{% if is_incremental() %}
named as {{ kept() }} (
    select
        n.node_seq,
        n.node_id,
        n.node_short,
        n.node_type,
        n.minted_person_id
    from {{ ref('nodes') }} as n
    where
        n.node_seq in (
            select c.node_seq from changed as c
            union all
            select c.canonical_seq from changed as c
        )
),

{#- Whose identifier each was. -#}
standing as {{ kept() }} (
    select
        t.node_seq,
        t.person_id,
        t.prior_person_id,
        t.changed_window_id
    from {{ this }} as t
    where t.node_seq in (select c.node_seq from changed as c)
),
{% endif %}

owners as (
    select
        n.node_seq,
        n.minted_person_id as person_id,
        {{ short_id('n.minted_person_id') }} as person_short
    from {{ named }} as n
    where n.node_seq in (select c.canonical_seq from changed as c)
)

select
    n.node_id,
    n.node_short,
    n.node_type,
    c.node_seq,
    c.component_seq,
    c.canonical_seq,
    p.person_id,
    p.person_short,
    {% if is_incremental() -%}
    case
        when s.person_id = p.person_id then s.prior_person_id
        else s.person_id
    end
    {%- else -%}
    cast(null as varchar)
    {%- endif %} as prior_person_id,
    {% if is_incremental() -%}
    case
        when s.person_id = p.person_id then s.changed_window_id
        else {{ window_id() }}
    end
    {%- else -%}
    {{ window_id() }}
    {%- endif %} as changed_window_id
from changed as c
inner join {{ named }} as n
    on c.node_seq = n.node_seq
inner join owners as p
    on c.canonical_seq = p.node_seq
{%- if is_incremental() %}
left join standing as s
    on c.node_seq = s.node_seq
{%- endif %}
where {{ is_of_whole_graph() }}
order by person_short
