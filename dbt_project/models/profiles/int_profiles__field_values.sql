{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='field_value_id'
) }}

with arrived as (
    select
        {{ baton_id('field_value', ['source', 'node_id', 'field']) }}
            as field_value_id,
        node_id,
        source,
        field,
        value,
        is_deleted,
        observed_at,
        loaded_seq
    from {{ ref('stg_field_values') }}
    where {{ in_window() }} and node_id is not null
),

{% if is_incremental() %}
known as (
    select t.*
    from {{ this }} as t
    where t.field_value_id in (select a.field_value_id from arrived as a)
),
{% endif %}

versions as (
    select * from arrived
    {% if is_incremental() %}
    union all
    select * from known
    {% endif %}
),

latest as (
    select
        *,
        row_number() over (
            partition by field_value_id
            order by observed_at desc, loaded_seq desc
        ) as recency
    from versions
)

select
    field_value_id,
    node_id,
    source,
    field,
    value,
    is_deleted,
    observed_at,
    loaded_seq
from latest
where recency = 1
