{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='person_short'
) }}

{% set fields = [
    'first_name', 'last_name', 'email', 'phone', 'household_id', 'country',
    'timezone', 'language'
] %}

with persons as (
    select
        m.person_id,
        m.person_short,
        count(*) as identifier_count,
        min(n.first_observed_at) as first_seen_at
    from {{ ref('identity_map') }} as m
    inner join {{ ref('nodes') }} as n
        on m.node_seq = n.node_seq
    where {{ is_touched('m.person_id', 'm.person_short') }}
    group by m.person_id, m.person_short
),

fields as (
    select
        person_id,
        {%- for field in fields %}
        max(case when field = '{{ field }}' then value end) as {{ field }},
        {%- endfor %}
        max(case when field = 'timezone' then source end) as timezone_source
    from {{ ref('int_profiles__customer_fields') }}
    where
        is_current
        {%- if is_incremental() %}
        and person_short in {{ few_of('persons', 'person_short') }}
        {%- endif %}
    group by person_id
),

computed as (
    select
        p.person_id,
        p.person_short,
        {%- for field in fields %}
        f.{{ field }},
        {%- endfor %}
        f.timezone_source,
        p.identifier_count,
        p.first_seen_at
    from persons as p
    left join fields as f
        on p.person_id = f.person_id
)

{{ with_tombstones(
    'person_short',
    ['person_id', 'person_short'] + fields
    + ['timezone_source', 'identifier_count', 'first_seen_at']
) }}
