select d.evaluation_id
from {{ ref('decisions') }} as d
left join {{ source('control', 'releases') }} as r
    on d.release_id = r.release_id
where r.release_id is null
