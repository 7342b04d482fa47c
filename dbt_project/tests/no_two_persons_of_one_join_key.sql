select
    person_short,
    count(distinct person_id) as persons
from {{ ref('identity_map') }}
group by person_short
having count(distinct person_id) > 1
