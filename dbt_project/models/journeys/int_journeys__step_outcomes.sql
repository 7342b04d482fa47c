{{ config(materialized='table', tags=['fold']) }}

{#- What became of the actions that a card waits for (`on_block`), as decided in
    earlier batches. Read as a relation: decisions come after journeys. -#}
{% set candidates = previous_relation('candidates', survives=true) %}

{% if candidates is not none or not execute %}
with decided as (
    select
        c.step_id,
        c.is_decided,
        c.outcome in ('send', 'route', 'escalate') as is_done,
        c.evaluated_at,
        c.message_id
    from {{ candidates }} as c
    where
        c.on_block is not null
        and c.evaluated_window_id < {{ window_id() }}
        and c.entry_node_id in (
            select t.node_id from {{ ref('int_journeys__touched') }} as t
        )
),

failed as (
    select
        message_id,
        min(occurred_at) as failed_at
    from {{ ref('stg_journal__message_events') }}
    where
        state in ('bounced', 'dead')
        and message_id in (select d.message_id from decided as d)
    group by message_id
)

select
    d.step_id,
    min(case when d.is_done then d.evaluated_at end) as done_at,
    coalesce(
        min(f.failed_at),
        case
            when not bool_or(d.is_done) and bool_and(d.is_decided)
                then max(d.evaluated_at)
        end
    ) as blocked_at
from decided as d
left join failed as f
    on d.message_id = f.message_id
group by d.step_id
{% else %}
select
    cast(null as varchar) as step_id,
    cast(null as timestamp) as done_at,
    cast(null as timestamp) as blocked_at
from {{ ref('int_journeys__touched') }}
where 1 = 0
{% endif %}
