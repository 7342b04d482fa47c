{{ config(enabled=pack_is_on('salesforce')) }}

{{ pack_flags('salesforce', ref('stg_salesforce__people'), 'own_key') }}
