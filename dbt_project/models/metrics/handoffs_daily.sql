select
    journey,
    kind,
    cast(handed_at as date) as day,
    count(*) as handed,
    count(carried_at) as carried,
    count(accepted_at) as accepted,
    sum(case when is_in_time then 1 else 0 end) as in_time,
    sum(case when is_in_time is not null then 1 else 0 end) as measured,
    sum(case when is_question_repeated then 1 else 0 end)
        as question_repeated
from {{ ref('handoff_contexts') }}
where not is_superseded
group by journey, kind, cast(handed_at as date)
