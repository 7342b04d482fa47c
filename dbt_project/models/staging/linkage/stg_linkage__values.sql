{% set of_contacts = ['postal_code', 'city', 'address_line'] %}

select
    node_id,
    field,
    value,
    is_deleted,
    observed_at,
    loaded_seq
from {{ ref('stg_field_values') }}
where node_id is not null
{%- for field in of_contacts %}
union all
select
    {{ node_id('crm_contact', 'contact_id') }} as node_id,
    '{{ field }}' as field,
    {{ field }} as value,
    _deleted as is_deleted,
    least(updated_at, _loaded_at) as observed_at,
    _loaded_seq as loaded_seq
from {{ source('crm', 'contacts') }}
{%- endfor %}
