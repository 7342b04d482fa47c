{{ config(enabled=pack_is_on('hubspot')) }}

{{ fields_of('hubspot', ref('stg_hubspot__contacts'), [
    'first_name', 'last_name', 'email', 'phone', 'country', 'language'
]) }}
