{{ config(enabled=pack_is_on('salesforce')) }}

{{ merge_links('salesforce') }}
