select
    s.person_id,
    s.journey,
    s.correlation_key,
    count(*) as open_instances
from {{ ref('journey_states') }} as s
inner join {{ ref('stg_release__cards') }} as c
    on s.journey = c.journey and s.card_hash = c.card_hash
where s.status = 'open' and c.reentry <> 'always'
group by s.person_id, s.journey, s.correlation_key
having count(*) > 1
