select n.node_id
from {{ ref('nodes') }} as n
left join {{ ref('identity_aliases') }} as a
    on n.minted_person_id = a.alias_id
left join {{ ref('identity_map') }} as m
    on a.person_id = m.person_id
where m.person_id is null
