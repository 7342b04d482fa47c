{#- By the card an instance was entered with: it may have moved to another. -#}
select
    s.person_id,
    s.journey,
    s.correlation_key,
    count(*) as open_instances
from {{ ref('journey_states') }} as s
inner join {{ ref('transitions') }} as t
    on s.instance_id = t.instance_id and t.step_no = 1
inner join {{ ref('stg_release__cards') }} as c
    on t.journey = c.journey and t.card_hash = c.card_hash
where
    s.status = 'open'
    and (c.reentry <> 'always' or c.correlation_key_name is null)
group by s.person_id, s.journey, s.correlation_key
having count(*) > 1
