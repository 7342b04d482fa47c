{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='statement_id'
) }}

select
    statement_id,
    node_id,
    case
        when address_node_id is not null
            then {{ baton_id('contact_point', ['channel', 'address_node_id']) }}
    end as contact_point_id,
    names_address,
    channel,
    purpose,
    brand,
    is_granted,
    occurred_at as stated_at,
    origin,
    proof,
    loaded_at,
    loaded_seq
from {{ ref('stg_consent__statements') }}
where {{ in_window() }} and node_id is not null
