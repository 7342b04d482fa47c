{{ config(materialized='table', tags=['fold']) }}

{#- The identifiers of all persons that are folded in this batch: those whose
    records changed, and those of whom an identifier is to be folded. -#}
{% set steps = previous_relation('int_journeys__steps') %}

{#- Most of the due are identifiers of touched persons: only others are looked up. -#}
{% if steps is not none or not execute %}
with due as (
    select node_short from {{ ref('int_journeys__touched_nodes') }}
),

changed as (
    select
        {{ short_id('person_id') }} as person_short,
        scope
    from {{ ref('touched_persons') }}
),

changed_members as {{ kept() }} (
    select
        m.person_id,
        m.person_short,
        m.node_id,
        m.node_short,
        m.node_seq,
        c.scope
    from changed as c
    inner join
        {{ few_rows(ref('identity_map'), 'person_short', 'changed') }} as m
        on c.person_short = m.person_short
),

others as (
    select m.person_short
    from {{ ref('identity_map') }} as m
    where
        m.node_short
        in {{ few_of('due', 'node_short', but='changed_members') }}
),

identified as (
    select * from changed_members
    union all
    select
        m.person_id,
        m.person_short,
        m.node_id,
        m.node_short,
        m.node_seq,
        'window' as scope
    from {{ few_rows(ref('identity_map'), 'person_short', 'others') }} as m
),
{% else %}
with identified as (
    select
        person_id,
        person_short,
        node_id,
        node_short,
        node_seq,
        'all' as scope
    from {{ ref('identity_map') }}
),
{% endif %}

zones as (
    select
        person_short,
        timezone
    from {{ ref('customers') }}
    where
        {{ is_time_zone('timezone') }}
        and {{ 'person_short in ' ~ few_of('identified', 'person_short') if steps else 'true' }}
)

select
    m.person_id,
    dense_rank() over (order by m.person_id) as person_no,
    m.person_short,
    m.node_id,
    m.node_short,
    m.node_seq,
    z.timezone,
    m.scope
from identified as m
left join zones as z
    on m.person_short = z.person_short
