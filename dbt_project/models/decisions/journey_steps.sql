{{ config(materialized='view', tags=['view']) }}

{#- Decisions come after journeys, so `transitions` cannot show what became of a
    step's action. A step has one candidate, and more where a fallback stands in
    for it: one that goes out speaks for the step, else the one looked at last. -#}
with candidates as (
    select
        *,
        row_number() over (
            partition by step_id
            order by
                case when message_id is not null then 0 else 1 end,
                evaluated_at desc,
                case when fallback_of is not null then 0 else 1 end,
                candidate_id
        ) as position
    from {{ ref('candidates') }}
),

events as (
    select
        message_id,
        state,
        row_number() over (partition by message_id order by seq desc) as recency
    from {{ ref('stg_journal__message_events') }}
)

select
    t.step_id,
    t.instance_id,
    m.person_id,
    t.journey,
    t.correlation_key,
    t.step_no,
    t.transition_id,
    t.from_step,
    t.step,
    t.kind,
    t.reached_at,
    t.why,
    t.owner,
    t.respond_by,
    t.action,
    t.on_block,
    c.action as decided_action,
    c.outcome,
    c.reason,
    c.evaluated_at as decided_at,
    c.decide_after,
    c.message_id,
    case
        when c.message_id is not null
            then coalesce(e.state, 'not_handed_over')
    end as message_state
from {{ ref('transitions') }} as t
inner join {{ ref('identity_map') }} as m
    on t.entry_node_id = m.node_id
left join candidates as c
    on t.step_id = c.step_id and c.position = 1
left join events as e
    on c.message_id = e.message_id and e.recency = 1
