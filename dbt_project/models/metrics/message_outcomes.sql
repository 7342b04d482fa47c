with events as (
    select * from {{ ref('stg_journal__message_events') }}
),

latest as (
    select
        message_id,
        state,
        occurred_at,
        row_number() over (partition by message_id order by seq desc) as recency
    from events
)

select
    o.message_id,
    o.journey,
    o.action,
    o.channel,
    o.class,
    o.decided_at,
    coalesce(l.state, 'not_handed_over') as state,
    l.occurred_at as state_since,
    coalesce(
        l.state in ('accepted', 'delivered', 'unknown')
        and s.step_id is null
        and o.entry_node_id not in (
            select e.erasure_id from {{ ref('stg_journal__erasures') }} as e
        ),
        false
    ) as is_regret
from {{ ref('outbox') }} as o
left join latest as l
    on o.message_id = l.message_id and l.recency = 1
left join {{ ref('transitions') }} as s
    on o.step_id = s.step_id
