select * from {{ ref('ops_two_open_instances') }}
