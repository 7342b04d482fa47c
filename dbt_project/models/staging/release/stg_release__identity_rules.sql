{{ policy_rows('identity_rules', {
    'node_type': 'varchar', 'priority': 'integer', 'links': 'boolean',
    'confidence': 'double'
}) }}
