{{ config(materialized='view', tags=['view']) }}

select
    node_id,
    action,
    score,
    model,
    version,
    valid_until,
    stated_at
from {{ ref('stg_scores__propensities') }}
where score >= 0
