{{ config(materialized='view', tags=['view']) }}

{#- The first of a person's identifiers counts. Whose arm was another one then than
    the one that holds now is left out of every comparison. -#}
with exposed as (
    select
        e.*,
        m.person_id,
        row_number() over (
            partition by e.holdout, m.person_id
            order by e.exposed_at, e.rank desc, e.exposure_id
        ) as position,
        min(e.arm) over (partition by e.holdout, m.person_id)
        <> max(e.arm) over (partition by e.holdout, m.person_id) as was_in_both
    from {{ ref('int_decisions__exposures') }} as e
    inner join {{ ref('identity_map') }} as m
        on e.node_id = m.node_id
)

select
    e.holdout,
    e.person_id,
    coalesce(h.arm, e.arm) as arm,
    e.was_in_both
    or coalesce(h.is_contaminated or h.arm <> e.arm, true) as is_contaminated,
    e.exposed_at,
    e.is_counterfactual,
    e.outcome,
    e.journey,
    e.action,
    e.candidate_id,
    e.evaluation_id,
    e.message_id
from exposed as e
left join {{ ref('holdout_members') }} as h
    on e.holdout = h.holdout and e.person_id = h.person_id
where e.position = 1
