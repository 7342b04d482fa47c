{{ config(enabled=pack_is_on('rudderstack')) }}

{{ tracked_events('rudderstack') }}
