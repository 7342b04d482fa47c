{{ config(materialized='table', tags=['fold']) }}

{#- The identifiers of all persons that are folded in this batch: those whose
    records changed, and those of whom an identifier is to be folded. -#}
{% set steps = previous_relation('int_journeys__steps') %}

with due as (
    select node_short from {{ ref('int_journeys__touched_nodes') }}
),

persons as (
    {% if steps is not none or not execute %}
    select
        {{ short_id('person_id') }} as person_short,
        scope
    from {{ ref('touched_persons') }}
    union all
    select
        m.person_short,
        'window' as scope
    from {{ ref('identity_map') }} as m
    where m.node_short in {{ few_of('due', 'node_short') }}
    {% else %}
    select
        person_short,
        'all' as scope
    from {{ ref('identity_map') }}
    {% endif %}
),

folded as (
    select
        person_short,
        min(scope) as scope
    from persons
    group by person_short
),

identified as (
    select
        m.person_id,
        m.person_short,
        m.node_id,
        m.node_short,
        m.node_seq,
        f.scope
    from folded as f
    inner join {{ few_rows(ref('identity_map'), 'person_short', 'folded')
        if steps else ref('identity_map') }} as m
        on f.person_short = m.person_short
),

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
