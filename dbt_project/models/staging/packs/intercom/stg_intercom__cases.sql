{{ config(enabled=pack_is_on('intercom')) }}

{#- A conversation that a customer opened is a case until it is closed. -#}
with source as (
    select
        *,
        {{ normalise_id('source_author_id') }} as contact_key
    from {{ source('intercom', 'conversation_history') }}
    where source_author_type in ('user', 'lead', 'contact')
)

select
    {{ baton_id('case', ["'intercom.conversation'", 'id']) }} as record_id,
    'intercom:' || id as case_id,
    {{ node_id('intercom_contact', 'contact_key') }} as node_id,
    cast(null as varchar) as contact_id,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    source_type as topic,
    case when state = 'closed' then 'closed' else 'open' end as status,
    priority,
    created_at as opened_at,
    case when state = 'closed' then updated_at end as closed_at,
    least(coalesce(updated_at, _fivetran_synced), _loaded_at) as occurred_at,
    coalesce(_fivetran_deleted, false) as is_deleted,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
