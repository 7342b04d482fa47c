{{ config(enabled=pack_is_on('hubspot')) }}

{{ pack_fields('hubspot', ref('stg_hubspot__contacts'), [
    'first_name', 'last_name', 'email', 'phone', 'country', 'language'
]) }}
