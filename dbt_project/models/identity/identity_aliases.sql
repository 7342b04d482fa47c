{{ config(materialized='view', tags=['view']) }}

select
    n.minted_person_id as alias_id,
    m.person_id
from {{ ref('nodes') }} as n
inner join {{ ref('identity_map') }} as m
    on n.node_id = m.node_id
