{{ config(enabled=pack_is_on('salesforce')) }}

{{ pack_fields('salesforce', ref('stg_salesforce__people'), [
    'first_name', 'last_name', 'email', 'phone', 'country'
]) }}
