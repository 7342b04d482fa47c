select distinct m.person_id
from {{ ref('identity_map') }} as m
left join {{ ref('customers') }} as c
    on m.person_id = c.person_id
where c.person_id is null
