{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_seq'
) }}

{% set named = 'named' if is_incremental() else ref('nodes') %}
{% set minted = 'minted' if is_incremental() else ref('nodes') %}

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
{#- Names of those that change, and ids of those that persons are called by: apart,
    since text takes most of the memory of a large window. -#}
named as {{ kept() }} (
    select
        n.node_seq,
        n.node_id,
        n.node_short,
        n.node_type
    from {{ ref('nodes') }} as n
    where n.node_seq in {{ few_of('changed', 'node_seq') }}
),

callers as (
    select canonical_seq as node_seq from changed
    union
    select prior_canonical_seq as node_seq from changed
),

minted as {{ kept() }} (
    select
        n.node_seq,
        n.minted_person_id
    from {{ ref('nodes') }} as n
    where n.node_seq in {{ few_of('callers', 'node_seq') }}
),
{% endif %}

owners as (
    select
        n.node_seq,
        n.minted_person_id as person_id,
        {{ short_id('n.minted_person_id') }} as person_short
    from {{ minted }} as n
    where n.node_seq in (select c.canonical_seq from changed as c)
)
{%- if is_incremental() %},

{#- Who stays the same person, or had the id of an identifier that was erased:
    what the map says of them is told by nothing else. -#}
asked as {{ kept() }} (
    select c.node_seq
    from changed as c
    left join minted as n
        on c.prior_canonical_seq = n.node_seq
    where
        c.prior_canonical_seq = c.canonical_seq
        or (c.prior_canonical_seq is not null and n.node_seq is null)
),

standing as {{ kept() }} (
    select
        t.node_seq,
        t.person_id,
        t.prior_person_id,
        t.changed_window_id
    from {{ this }} as t
    where t.node_seq in {{ few_of('asked', 'node_seq') }}
),

told as (
    select
        c.*,
        case
            when c.prior_canonical_seq = c.canonical_seq then s.prior_person_id
            else coalesce(b.minted_person_id, s.person_id)
        end as prior_person_id,
        case
            when c.prior_canonical_seq = c.canonical_seq
                then s.changed_window_id
            else {{ window_id() }}
        end as changed_window_id
    from changed as c
    left join minted as b
        on c.prior_canonical_seq = b.node_seq
    left join standing as s
        on c.node_seq = s.node_seq
)
{%- endif %}

select
    n.node_id,
    n.node_short,
    n.node_type,
    t.node_seq,
    t.component_seq,
    t.canonical_seq,
    p.person_id,
    p.person_short,
    {{ 't.prior_person_id' if is_incremental() else 'cast(null as varchar)' }}
        as prior_person_id,
    {{ 't.changed_window_id' if is_incremental() else window_id() }}
        as changed_window_id
{# One after the other, as written: the engine knows no sizes of what the same
    transaction wrote, and might multiply all with all first. #}
from {{ 'told' if is_incremental() else 'changed' }} as t
left join {{ named }} as n
    on t.node_seq = n.node_seq
left join owners as p
    on t.canonical_seq = p.node_seq
where {{ is_of_whole_graph() }}
order by person_short
