{{ config(enabled=pack_is_on('intercom')) }}

{{ observe(ref('stg_intercom__contacts'), {
    'intercom_contact': 'contact_id', 'user': 'user_id', 'email': 'email',
    'phone': 'phone'
}) }}
union all
{{ observe(ref('stg_intercom__messages'), {
    'intercom_contact': 'intercom_contact_id'
}) }}
