{{ config(enabled=pack_is_on('rudderstack')) }}

{{ fields_of('rudderstack', ref('stg_rudderstack__traits'), [
    'first_name', 'last_name', 'email', 'phone', 'country', 'timezone',
    'language'
], is_partial=true) }}
