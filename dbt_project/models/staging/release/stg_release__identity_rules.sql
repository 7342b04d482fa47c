with listed as (
    {{ policy_rows('identity_rules', {
        'node_type': 'varchar', 'priority': 'integer', 'links': 'boolean',
        'confidence': 'double', 'fanout_cap': 'bigint',
        'cardinality_to': 'varchar', 'max_per_person': 'bigint'
    }) }}
)

select
    *,
    {{ type_key('node_type') }} as type_key
from listed
