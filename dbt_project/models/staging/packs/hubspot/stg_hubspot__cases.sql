{{ config(enabled=pack_is_on('hubspot')) }}

{#- A ticket is a case of each contact that it is about. -#}
with tickets as (
    select
        t.*,
        {{ normalise_id('c.contact_id') }} as contact_key,
        coalesce(t._fivetran_deleted, t.is_deleted, c._fivetran_deleted, false)
            as is_gone,
        greatest(t._loaded_at, c._loaded_at) as known_at,
        greatest(t._loaded_seq, c._loaded_seq) as known_seq
    from {{ source('hubspot', 'ticket') }} as t
    inner join {{ source('hubspot', 'ticket_contact') }} as c
        on t.id = c.ticket_id
)

select
    {{ baton_id('case', ["'hubspot.ticket'", 'id', 'contact_key']) }} as record_id,
    'hubspot:' || id || ':' || contact_key as case_id,
    {{ node_id('hubspot_contact', 'contact_key') }} as node_id,
    cast(null as varchar) as contact_id,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    property_hs_ticket_category as topic,
    case
        when property_closed_date is null then 'open' else 'closed'
    end as status,
    property_hs_ticket_priority as priority,
    property_createdate as opened_at,
    property_closed_date as closed_at,
    least(coalesce(property_hs_lastmodifieddate, _fivetran_synced), known_at)
        as occurred_at,
    is_gone as is_deleted,
    known_at as loaded_at,
    known_seq as loaded_seq,
    _provenance as provenance
from tickets
where contact_key is not null
