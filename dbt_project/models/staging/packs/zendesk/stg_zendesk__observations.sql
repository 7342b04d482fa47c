{{ config(enabled=pack_is_on('zendesk')) }}

{{ observe(ref('stg_zendesk__users'), {
    'zendesk_user': 'zendesk_id', 'user': 'user_id', 'email': 'email',
    'phone': 'phone'
}) }}
union all
{{ observe(ref('stg_zendesk__cases'), {'zendesk_user': 'requester_id'}) }}
