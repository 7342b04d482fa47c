{{ config(materialized='view', tags=['view']) }}

{#- The older assignment of a merged person holds; who was in both arms is left
    out of every comparison. -#}
with assignments as (
    select
        a.*,
        m.person_id,
        row_number() over (
            partition by a.holdout, m.person_id
            order by a.assigned_at, a.assignment_id
        ) as position
    from {{ ref('holdout_assignments') }} as a
    inner join {{ ref('identity_map') }} as m
        on a.node_id = m.node_id
)

select
    holdout,
    person_id,
    max(case when position = 1 then arm end) as arm,
    count(distinct arm) > 1 as is_contaminated,
    min(assigned_at) as assigned_at
from assignments
group by holdout, person_id
