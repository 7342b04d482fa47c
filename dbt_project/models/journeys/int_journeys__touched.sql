{{ config(materialized='table') }}

{#- Persons whose instances are folded in this batch: those touched, and those
    with a timer that the input watermark has passed. The due ones are read
    from the steps of the last batch, hence a relation and not a ref. -#}
{% set steps = previous_relation('int_journeys__steps') %}

select
    person_id,
    min(scope) as scope
from (
    select
        person_id,
        scope
    from {{ ref('touched_persons') }}
    {% if steps is not none or not execute %}
    union all
    select
        m.person_id,
        'window' as scope
    from {{ steps }} as s
    inner join {{ ref('identity_map') }} as m
        on s.entry_node_id = m.node_id
    where
        s.is_current
        and s.is_last
        and s.next_due_at <= {{ input_watermark() }}
    {% endif %}
) as touched
group by person_id
