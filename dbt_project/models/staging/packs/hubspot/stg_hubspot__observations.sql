{{ config(enabled=pack_is_on('hubspot')) }}

{{ observe(ref('stg_hubspot__contacts'), {
    'hubspot_contact': 'contact_id',
    'salesforce_contact': 'salesforce_contact_id', 'email': 'email',
    'phone': 'phone', 'click': 'click_id'
}) }}
union all
{{ observe(ref('stg_hubspot__merges'), {'hubspot_contact': 'contact_id'}) }}
union all
{{ observe(ref('stg_hubspot__merges'), {
    'hubspot_contact': 'merged_contact_id'
}, hub='merged_node_id') }}
