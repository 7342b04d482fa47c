select * from {{ ref('ops_drifting_journeys') }}
