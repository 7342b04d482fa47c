select
    e.edge_id,
    a.person_id as person_a_id,
    b.person_id as person_b_id
from {{ ref('edges') }} as e
inner join {{ ref('identity_map') }} as a
    on e.node_a_id = a.node_id
inner join {{ ref('identity_map') }} as b
    on e.node_b_id = b.node_id
where e.status = 'accepted' and a.person_id <> b.person_id
