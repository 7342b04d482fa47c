select * from {{ ref('ops_sends_against_a_check') }}
