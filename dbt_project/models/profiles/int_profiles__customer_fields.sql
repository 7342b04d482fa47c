{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_field_id'
) }}

with touched_nodes as (
    select
        node_id,
        person_id,
        person_short
    from {{ ref('identity_map') }}
    where {{ is_touched('person_id', 'person_short') }}
),

offered as (
    select
        m.person_id,
        m.person_short,
        v.field,
        v.value,
        v.source,
        v.node_id,
        v.observed_at,
        t.trust
    from {{ ref('int_profiles__field_values') }} as v
    inner join touched_nodes as m
        on v.node_id = m.node_id
    inner join {{ ref('stg_release__field_trust') }} as t
        on v.field = t.field and v.source = t.source
    where not v.is_deleted and v.value is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by person_id, field
            order by trust, observed_at desc, node_id
        ) as survivor_rank
    from offered
),

computed as (
    select
        {{ baton_id('customer_field', ['person_id', 'field']) }}
            as customer_field_id,
        person_id,
        person_short,
        field,
        value,
        source,
        'most trusted source, then most recent' as rule,
        node_id,
        observed_at
    from ranked
    where survivor_rank = 1
)

{{ with_tombstones('customer_field_id', [
    'customer_field_id', 'person_id', 'person_short', 'field', 'value', 'source',
    'rule', 'node_id', 'observed_at'
]) }}
