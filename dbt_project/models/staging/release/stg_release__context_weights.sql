{{ policy_rows('context_weights', {
    'guard': 'varchar', 'action': 'varchar', 'class': 'varchar',
    'weight': 'double'
}) }}
