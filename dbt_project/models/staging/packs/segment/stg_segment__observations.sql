{{ config(enabled=pack_is_on('segment')) }}

{#- User, address and browser of a call are observed with all events of the web. -#}
{{ observe(ref('stg_segment__events'), {
    'phone': 'phone', 'device': 'device_id', 'click': 'click_id'
}) }}
