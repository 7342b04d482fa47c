{{ policy_rows('holdouts', {
    'holdout': 'varchar', 'journey': 'varchar', 'class': 'varchar',
    'share': 'double', 'salt': 'varchar'
}) }}
