select * from {{ ref('ops_messages_without_decision') }}
