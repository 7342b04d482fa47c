{#- Entries of the log that changed what profiles are made by. -#}
{{ changed_policies(['field_trust', 'channels']) }}
