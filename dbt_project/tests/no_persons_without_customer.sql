select * from {{ ref('ops_persons_without_customer') }}
