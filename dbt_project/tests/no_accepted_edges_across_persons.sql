select * from {{ ref('ops_accepted_edges_across_persons') }}
