{{ config(enabled=pack_is_on('segment')) }}

{{ tracked_traits('segment') }}
