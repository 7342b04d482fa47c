select * from {{ ref('ops_runaway_journeys') }}
