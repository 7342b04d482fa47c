select
    customer_field_id,
    person_id,
    field,
    value,
    source,
    rule,
    node_id,
    observed_at
from {{ ref('int_profiles__customer_fields') }}
where is_current
