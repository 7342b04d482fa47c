{{ config(enabled=pack_is_on('salesforce')) }}

{{ observe(ref('stg_salesforce__people'), {
    'salesforce_contact': 'contact_id', 'salesforce_lead': 'lead_id',
    'email': 'email', 'phone': 'phone', 'click': 'click_id'
}) }}
union all
{{ observe(ref('stg_salesforce__merges'), {
    'salesforce_contact': 'left_contact_id', 'salesforce_lead': 'left_lead_id'
}) }}
union all
{{ observe(ref('stg_salesforce__cases'), {
    'salesforce_contact': 'salesforce_contact_id'
}) }}
