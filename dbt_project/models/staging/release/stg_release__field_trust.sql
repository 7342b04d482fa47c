{{ policy_rows('field_trust', {
    'field': 'varchar', 'source': 'varchar', 'trust': 'integer'
}) }}
