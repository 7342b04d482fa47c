{{ policy_rows('consent_basis', {
    'purpose': 'varchar', 'channel': 'varchar', 'country': 'varchar',
    'basis': 'varchar', 'needs_double_opt_in': 'boolean',
    'valid_for': 'interval'
}) }}
