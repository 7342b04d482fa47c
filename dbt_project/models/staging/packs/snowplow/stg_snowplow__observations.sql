{{ config(enabled=pack_is_on('snowplow')) }}

{#- User and browser are observed with all events of the web. -#}
{{ observe(ref('stg_snowplow__events'), {
    'anonymous': 'network_id', 'click': 'click_id'
}) }}
