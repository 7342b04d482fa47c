{{ policy_rows('channels', {'channel': 'varchar', 'node_type': 'varchar'}) }}
