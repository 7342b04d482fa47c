{{ observe(ref('stg_crm__contacts'), {
    'crm_contact': 'contact_id', 'email': 'email', 'phone': 'phone'
}) }}
union all
{{ observe(ref('stg_web__events'), {
    'user': 'user_id', 'email': 'email', 'anonymous': 'anonymous_id'
}) }}
union all
{{ observe(ref('stg_chat__messages'), {
    'crm_contact': 'contact_id', 'email': 'email', 'anonymous': 'anonymous_id'
}) }}
union all
{{ observe(ref('stg_service__cases'), {
    'crm_contact': 'contact_id', 'email': 'email', 'phone': 'phone'
}) }}
union all
{{ observe(ref('stg_consent__statements'), {
    'crm_contact': 'contact_id', 'email': 'email', 'phone': 'phone'
}) }}
{{ union_packs('observations') }}
