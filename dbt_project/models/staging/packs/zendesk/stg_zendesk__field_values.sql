{{ config(enabled=pack_is_on('zendesk')) }}

{{ fields_of('zendesk', ref('stg_zendesk__users'), [
    'email', 'phone', 'language'
]) }}
