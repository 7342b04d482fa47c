{{ config(enabled=pack_is_on('salesforce')) }}

{#- What was merged stays as a deleted record that names the one that is left. -#}
select
    {{ baton_id('merge', [
        "'salesforce.' || kind", 'master_key', 'own_key'
    ]) }} as record_id,
    case kind when 'contact' then master_key end as contact_id,
    case kind when 'contact' then own_key end as merged_contact_id,
    case kind when 'lead' then master_key end as lead_id,
    case kind when 'lead' then own_key end as merged_lead_id,
    case kind
        when 'contact' then {{ node_id('salesforce_contact', 'master_key') }}
        else {{ node_id('salesforce_lead', 'master_key') }}
    end as node_id,
    case kind
        when 'contact' then {{ node_id('salesforce_contact', 'own_key') }}
        else {{ node_id('salesforce_lead', 'own_key') }}
    end as merged_node_id,
    occurred_at,
    loaded_at,
    loaded_seq
from {{ ref('stg_salesforce__people') }}
where master_key is not null and master_key <> own_key
