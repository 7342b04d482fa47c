{#- What a steward forces together counts as one, so such persons are left out. -#}
with forced as (
    select a.person_id
    from {{ ref('edges') }} as e
    inner join {{ ref('identity_map') }} as a
        on e.node_a_id = a.node_id
    where e.rule = 'force' and e.status = 'accepted'
)

select
    m.person_id,
    m.node_type,
    count(*) as identifiers
from {{ ref('identity_map') }} as m
inner join {{ ref('stg_release__identity_rules') }} as r
    on m.node_type = r.node_type
where m.person_id not in (select f.person_id from forced as f)
group by m.person_id, m.node_type
having count(*) > min(r.max_per_person)
