{{ config(materialized='view', tags=['view']) }}

select distinct m.person_id
from {{ ref('suppressions') }} as s
inner join {{ ref('identity_map') }} as m
    on s.node_id = m.node_id
where s.scope = 'person' and s.until > {{ batch_time() }}
