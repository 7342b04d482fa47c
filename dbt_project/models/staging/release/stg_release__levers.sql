{{ policy_rows('levers', {
    'scope': 'varchar', 'name': 'varchar', 'lever': 'double'
}) }}
