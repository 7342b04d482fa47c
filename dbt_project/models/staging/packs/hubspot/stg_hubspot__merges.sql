{{ config(enabled=pack_is_on('hubspot')) }}

{#- Contacts that somebody merged into another in HubSpot: told by the audit of merges,
    and by the contact that is left. -#}
with told as (
    select
        {{ baton_id('merge', [
            "'hubspot.contact_merge_audit'", 'canonical_vid', 'vid_to_merge'
        ]) }} as told_by,
        {{ normalise_id('canonical_vid') }} as left_key,
        case
            when not coalesce(_fivetran_deleted, false)
                then {{ normalise_id('vid_to_merge') }}
        end as merged_key,
        least(coalesce(timestamp, _fivetran_synced), _loaded_at) as occurred_at,
        _loaded_seq as loaded_seq
    from {{ source('hubspot', 'contact_merge_audit') }}
    union all
    select
        record_id as told_by,
        contact_id as left_key,
        {{ normalise_id("unnest(string_split(coalesce(merged_ids, ''), ';'))") }}
            as merged_key,
        occurred_at,
        loaded_seq
    from {{ ref('stg_hubspot__contacts') }}
),

named as (
    select
        *,
        case when left_key <> merged_key then left_key end as contact_id,
        case when left_key <> merged_key then merged_key end as merged_contact_id
    from told
)

select
    'hubspot' as source,
    told_by,
    {{ baton_id('merge', ["'hubspot'", 'contact_id', 'merged_contact_id']) }}
        as record_id,
    contact_id,
    merged_contact_id,
    {{ node_id('hubspot_contact', 'contact_id') }} as node_id,
    {{ node_id('hubspot_contact', 'merged_contact_id') }} as merged_node_id,
    occurred_at,
    loaded_seq
from named
