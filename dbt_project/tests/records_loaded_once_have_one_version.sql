select
    source_model,
    record_id,
    count(distinct loaded_seq) as versions
from {{ ref('observations') }}
where source_model in {{ loaded_once() }}
group by source_model, record_id
having count(distinct loaded_seq) > 1
