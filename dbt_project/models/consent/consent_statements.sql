{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='statement_id'
) }}

with arrived as (
    select
        *,
        row_number() over (
            partition by statement_id order by loaded_seq desc
        ) as recency
    from {{ ref('int_consent__stated') }}
    where {{ in_window() }}
)

select
    statement_id,
    node_id,
    contact_point_id,
    names_address,
    channel,
    purpose,
    brand,
    is_granted,
    stated_at,
    origin,
    proof,
    loaded_at,
    loaded_seq,
    is_confirmed,
    valid_until
from arrived
where recency = 1
