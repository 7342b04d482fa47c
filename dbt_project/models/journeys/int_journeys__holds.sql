{{ config(materialized='table', tags=['fold']) }}

{#- When each condition of the rules (all its `if`, none of its `unless`) holds
    for a folded person, as half-open intervals cut at every guard's edge. -#}
with nodes as (
    select * from {{ ref('int_journeys__touched') }}
),

persons as (
    select distinct person_no
    from nodes
),

conditions as (
    select * from {{ ref('stg_release__conditions') }}
),

wanted as (
    select
        condition_id,
        sum(case when is_wanted then 1 else 0 end) as wanted_count
    from conditions
    group by condition_id
),

intervals as (
    select
        n.person_no,
        c.condition_id,
        c.is_wanted,
        g.guard,
        g.since,
        g.until
    from {{ ref('guards') }} as g
    inner join nodes as n
        on g.node_short = n.node_short
    inner join conditions as c
        on g.guard = c.guard
    where g.since < g.until
),

cuts as (
    select
        p.person_no,
        w.condition_id,
        {{ beginning_of_time() }} as cut_at
    from persons as p
    cross join wanted as w
    union
    select
        person_no,
        condition_id,
        since as cut_at
    from intervals
    union
    select
        person_no,
        condition_id,
        until as cut_at
    from intervals
),

segments as (
    select
        person_no,
        condition_id,
        cut_at as since,
        lead(cut_at, 1, {{ end_of_time() }}) over (
            partition by person_no, condition_id order by cut_at
        ) as until
    from cuts
    where cut_at < {{ end_of_time() }}
),

judged as (
    select
        s.person_no,
        s.condition_id,
        s.since,
        s.until,
        count(distinct case when i.is_wanted then i.guard end) as wanted_held,
        count(case when not i.is_wanted then 1 end) as unwanted_held
    from segments as s
    left join intervals as i
        on
            s.person_no = i.person_no
            and s.condition_id = i.condition_id
            and s.since >= i.since
            and s.since < i.until
    group by s.person_no, s.condition_id, s.since, s.until
)

select
    j.person_no,
    j.condition_id,
    j.since,
    j.until
from judged as j
inner join wanted as w
    on j.condition_id = w.condition_id
where j.wanted_held = w.wanted_count and j.unwanted_held = 0
union all
select
    person_no,
    'always' as condition_id,
    {{ beginning_of_time() }} as since,
    {{ end_of_time() }} as until
from persons
