{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='observation_id'
) }}

with seen as (
    select
        {{ baton_id('observation', ['record_id', 'node_id', 'hub_node_id']) }}
            as observation_id,
        *
    from {{ ref('stg_observations') }}
    where {{ in_window() }}
),

latest as (
    select
        *,
        row_number() over (
            partition by observation_id order by loaded_seq desc
        ) as recency
    from seen
)

select
    observation_id,
    record_id,
    source_model,
    node_id,
    node_type,
    node_value,
    hub_node_id,
    observed_at,
    loaded_seq
from latest
where recency = 1
