{{ config(enabled=pack_is_on('salesforce')) }}

{#- What was merged stays as a deleted record that names the one that is left. -#}
with told as (
    select
        *,
        nullif(master_key, own_key) as left_key
    from {{ ref('stg_salesforce__people') }}
)

select
    'salesforce' as source,
    record_id as told_by,
    {{ baton_id('merge', ["'salesforce'", 'record_id', 'left_key']) }} as record_id,
    case kind when 'contact' then left_key end as left_contact_id,
    case kind when 'lead' then left_key end as left_lead_id,
    case kind
        when 'contact' then {{ node_id('salesforce_contact', 'left_key') }}
        else {{ node_id('salesforce_lead', 'left_key') }}
    end as node_id,
    case
        when left_key is null then null
        when kind = 'contact' then {{ node_id('salesforce_contact', 'own_key') }}
        else {{ node_id('salesforce_lead', 'own_key') }}
    end as merged_node_id,
    occurred_at,
    loaded_seq
from told
