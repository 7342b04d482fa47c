{{ config(enabled=pack_is_on('zendesk')) }}

{{ pack_fields('zendesk', ref('stg_zendesk__users'), [
    'email', 'phone', 'language'
]) }}
