{#- The last evaluation of each candidate within 30 days. What was due before the
    journey acted, was taken back, done already or kept back by a holdout lost
    nothing; what still waits has not lost yet. -#}
with evaluated as (
    select
        d.*,
        row_number() over (
            partition by d.candidate_id order by d.evaluation_no desc
        ) as place
    from {{ ref('decisions') }} as d
    where d.decided_at > {{ batch_time() }} - interval '30 days'
),

ended as (
    select
        journey,
        action,
        candidate_id,
        outcome,
        reason
    from evaluated
    where
        place = 1
        and outcome <> 'wait'
        and reason not in (
            'before_activation', 'superseded', 'already_done', 'holdout'
        )
),

{#- An expired candidate lost to what it last waited for. -#}
waited as (
    select
        candidate_id,
        reason,
        row_number() over (
            partition by candidate_id order by evaluation_no desc
        ) as place
    from evaluated
    where outcome = 'wait'
),

lost as (
    select
        e.journey,
        e.action,
        e.outcome,
        coalesce(w.reason, e.reason) as reason
    from ended as e
    left join waited as w
        on
            e.candidate_id = w.candidate_id
            and e.reason = 'expired'
            and w.place = 1
),

reasons as (
    select
        journey,
        action,
        reason,
        count(*) as candidates,
        sum(count(*)) over (partition by journey, action) as all_candidates,
        max(max(case
            when outcome in ('send', 'route', 'escalate') then 1 else 0
        end)) over (partition by journey, action) as has_won,
        row_number() over (
            partition by journey, action order by count(*) desc, reason
        ) as place
    from lost
    group by journey, action, reason
)

select
    journey,
    action,
    cast(all_candidates as bigint) as candidates,
    reason,
    candidates * 1.0e0 / all_candidates as share,
    reason in ('outranked', 'capped', 'quiet_hours', 'open_case') as lost_the_contest
from reasons
where place = 1 and has_won = 0
