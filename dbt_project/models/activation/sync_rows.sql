{{ config(materialized='view', tags=['view']) }}

with outcomes as (
    select
        *,
        row_number() over (
            partition by sync, destination, row_key order by seq desc
        ) as recency
    from {{ ref('stg_journal__sync_outcomes') }}
)

select
    sync,
    destination,
    row_key,
    op,
    outcome,
    reason,
    request_id,
    run_id,
    occurred_at
from outcomes
where recency = 1
