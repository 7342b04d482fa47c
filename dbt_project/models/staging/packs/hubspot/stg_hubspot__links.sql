{{ config(enabled=pack_is_on('hubspot')) }}

{{ merge_links('hubspot') }}
