{{ config(enabled=pack_is_on('zendesk')) }}

{#- Where a ticket was solved by and by is not told: it ends with its last change. -#}
with source as (
    select
        *,
        {{ normalise_id('requester_id') }} as requester_key
    from {{ source('zendesk', 'ticket') }}
)

select
    {{ baton_id('case', ["'zendesk.ticket'", 'id']) }} as record_id,
    'zendesk:' || id as case_id,
    requester_key as requester_id,
    {{ node_id('zendesk_user', 'requester_key') }} as node_id,
    cast(null as varchar) as contact_id,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    type as topic,
    case
        when status in ('solved', 'closed', 'deleted') then 'closed' else 'open'
    end as status,
    priority,
    created_at as opened_at,
    cast(null as timestamp) as closed_at,
    least(coalesce(updated_at, _fivetran_synced), _loaded_at) as occurred_at,
    coalesce(_fivetran_deleted, false) or coalesce(status = 'deleted', false)
        as is_deleted,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
