{{ policy_rows('identity_overrides', {
    'kind': 'varchar', 'node_a_id': 'varchar', 'node_b_id': 'varchar',
    'reason': 'varchar'
}) }}
