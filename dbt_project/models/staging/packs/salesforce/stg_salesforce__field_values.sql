{{ config(enabled=pack_is_on('salesforce')) }}

{{ fields_of('salesforce', ref('stg_salesforce__people'), [
    'first_name', 'last_name', 'email', 'phone', 'country'
]) }}
