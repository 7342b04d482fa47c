{#- What tools made of the messages claimed in the last hours of the policy `limits`,
    for each scope that can be stopped. Once a scope was let go again, what it had
    before counts for none. -#}
with limits as (
    select max(case when name = 'outcome_hours' then most end) as outcome_hours
    from {{ ref('stg_release__limits') }}
),

let_go as (
    select
        scope,
        value,
        max(set_at) as let_go_at
    from {{ ref('stg_journal__switches') }}
    where not is_stopped
    group by scope, value
),

complained as (
    select distinct message_id
    from {{ ref('stg_messaging__receipts') }}
    where
        status = 'complained'
        and occurred_at > {{ batch_time() }} - interval '31 days'
),

events as (
    select
        message_id,
        journey,
        action,
        channel,
        destination,
        max(case when state = 'claimed' then occurred_at end) as claimed_at,
        max(case when state = 'bounced' then 1 else 0 end) as is_bounced,
        max(case
            when state in ('accepted', 'delivered', 'bounced') then 1 else 0
        end) as is_out
    from {{ ref('stg_journal__message_events') }}
    where occurred_at > {{ batch_time() }} - interval '31 days'
    group by message_id, journey, action, channel, destination
),

messages as (
    select
        e.*,
        case when c.message_id is null then 0 else 1 end as is_complained
    from events as e
    cross join limits as l
    left join complained as c
        on e.message_id = c.message_id
    left join let_go as of_journey
        on of_journey.scope = 'journey' and e.journey = of_journey.value
    left join let_go as of_action
        on of_action.scope = 'action' and e.action = of_action.value
    left join let_go as of_destination
        on
            of_destination.scope = 'destination'
            and e.destination = of_destination.value
    left join let_go as of_channel
        on of_channel.scope = 'channel' and e.channel = of_channel.value
    where
        e.is_out = 1
        and coalesce(e.claimed_at > of_journey.let_go_at, true)
        and coalesce(e.claimed_at > of_action.let_go_at, true)
        and coalesce(e.claimed_at > of_destination.let_go_at, true)
        and coalesce(e.claimed_at > of_channel.let_go_at, true)
        and {{ hours_before(batch_time(), 'e.claimed_at') }} < l.outcome_hours
),

scoped as (
    select
        'journey' as scope,
        journey as value,
        m.*
    from messages as m
    union all
    select
        'action' as scope,
        action as value,
        m.*
    from messages as m
    union all
    select
        'destination' as scope,
        destination as value,
        m.*
    from messages as m
    union all
    select
        'channel' as scope,
        channel as value,
        m.*
    from messages as m
)

select
    s.scope,
    s.value,
    s.journey,
    s.action,
    s.destination,
    count(*) as messages,
    sum(s.is_bounced) as bounced,
    sum(s.is_complained) as complained
from scoped as s
group by s.scope, s.value, s.journey, s.action, s.destination
