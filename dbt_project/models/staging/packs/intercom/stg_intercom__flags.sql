{{ config(enabled=pack_is_on('intercom')) }}

{{ pack_flags('intercom', ref('stg_intercom__contacts')) }}
