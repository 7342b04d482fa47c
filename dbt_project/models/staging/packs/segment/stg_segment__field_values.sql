{{ config(enabled=pack_is_on('segment')) }}

{{ fields_of('segment', ref('stg_segment__traits'), [
    'first_name', 'last_name', 'email', 'phone', 'country', 'timezone',
    'language'
], is_partial=true) }}
