{% set crm_fields = [
    'first_name', 'last_name', 'email', 'phone', 'household_id', 'country',
    'timezone', 'language'
] %}

{% for field in crm_fields %}
select
    'crm' as source,
    node_id,
    '{{ field }}' as field,
    {{ field }} as value,
    is_deleted,
    occurred_at as observed_at,
    loaded_seq
from {{ ref('stg_crm__contacts') }}
union all
{% endfor %}
select
    'web' as source,
    node_id,
    'email' as field,
    email as value,
    false as is_deleted,
    occurred_at as observed_at,
    loaded_seq
from {{ ref('stg_web__events') }}
where email is not null
union all
select
    'service' as source,
    node_id,
    'email' as field,
    email as value,
    is_deleted,
    occurred_at as observed_at,
    loaded_seq
from {{ ref('stg_service__cases') }}
where email is not null
union all
select
    'service' as source,
    node_id,
    'phone' as field,
    phone as value,
    is_deleted,
    occurred_at as observed_at,
    loaded_seq
from {{ ref('stg_service__cases') }}
where phone is not null
{{ union_packs('field_values') }}
