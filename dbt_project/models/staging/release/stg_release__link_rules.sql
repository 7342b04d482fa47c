{#- Entries of the log that changed what identifiers are linked by. -#}
{{ changed_policies([
    'identity_rules', 'identity_blocked_values', 'identity_overrides'
]) }}
