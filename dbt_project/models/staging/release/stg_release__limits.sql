{{ policy_rows('limits', {'name': 'varchar', 'most': 'double'}) }}
