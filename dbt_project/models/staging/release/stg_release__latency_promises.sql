{{ policy_rows('latency_promises', {'channel': 'varchar', 'p95_s': 'double'}) }}
