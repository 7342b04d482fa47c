{{ config(enabled=pack_is_on('intercom')) }}

{{ pack_fields('intercom', ref('stg_intercom__contacts'), [
    'email', 'phone', 'country', 'language'
]) }}
