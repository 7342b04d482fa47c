{{ policy_rows('handoffs', {
    'action': 'varchar', 'kind': 'varchar', 'accepted_by': 'varchar'
}) }}
