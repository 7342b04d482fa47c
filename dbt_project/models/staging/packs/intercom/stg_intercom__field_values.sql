{{ config(enabled=pack_is_on('intercom')) }}

{{ fields_of('intercom', ref('stg_intercom__contacts'), [
    'email', 'phone', 'country', 'language'
]) }}
