select * from {{ ref('ops_undecided_past_expiry') }}
