{{ config(enabled=pack_is_on('hubspot')) }}

{#- Contacts that somebody merged into another in HubSpot: told by the audit of merges,
    and by the contact that is left. -#}
with told as (
    select
        {{ normalise_id('canonical_vid') }} as contact_id,
        {{ normalise_id('vid_to_merge') }} as merged_contact_id,
        least(coalesce(timestamp, _fivetran_synced), _loaded_at) as occurred_at,
        _loaded_at as loaded_at,
        _loaded_seq as loaded_seq
    from {{ source('hubspot', 'contact_merge_audit') }}
    union all
    select
        contact_id,
        {{ normalise_id("unnest(string_split(merged_ids, ';'))") }}
            as merged_contact_id,
        occurred_at,
        loaded_at,
        loaded_seq
    from {{ ref('stg_hubspot__contacts') }}
    where merged_ids is not null and not is_deleted
)

select
    {{ baton_id('merge', [
        "'hubspot.contact'", 'contact_id', 'merged_contact_id'
    ]) }} as record_id,
    contact_id,
    merged_contact_id,
    {{ node_id('hubspot_contact', 'contact_id') }} as node_id,
    {{ node_id('hubspot_contact', 'merged_contact_id') }} as merged_node_id,
    occurred_at,
    loaded_at,
    loaded_seq
from told
where contact_id <> merged_contact_id
