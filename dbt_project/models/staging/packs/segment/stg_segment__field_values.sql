{{ config(enabled=pack_is_on('segment')) }}

{{ pack_fields('segment', ref('stg_segment__traits'), [
    'first_name', 'last_name', 'email', 'phone', 'country', 'timezone',
    'language'
], is_partial=true) }}
