{{ policy_rows('identity_blocked_values', {
    'node_type': 'varchar', 'kind': 'varchar', 'value': 'varchar',
    'reason': 'varchar'
}) }}
