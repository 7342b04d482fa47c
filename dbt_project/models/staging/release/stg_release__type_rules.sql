{#- Entries of the log that changed the rules of types, by which each edge is judged. -#}
{{ changed_policies(['identity_rules']) }}
