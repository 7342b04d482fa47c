{{ config(enabled=pack_is_on('hubspot')) }}

{{ pack_flags('hubspot', ref('stg_hubspot__contacts')) }}
