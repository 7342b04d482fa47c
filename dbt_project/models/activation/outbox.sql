{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

with chosen as (
    select * from {{ ref('candidates') }}
    where
        message_decided_at = {{ batch_time() }}
        and evaluated_window_id = {{ window_id() }}
        and outcome in ('send', 'route', 'escalate')
)

select
    c.message_id,
    c.candidate_id,
    {{ baton_id('evaluation', ['c.candidate_id', 'c.evaluation_no']) }}
        as evaluation_id,
    c.step_id,
    c.instance_id,
    c.recovers_instance_id,
    c.journey,
    c.correlation_key,
    c.entry_node_id,
    c.contact_point_id,
    c.action,
    c.channel,
    c.destination,
    c.class,
    c.brand,
    c.template,
    c.priority,
    c.value,
    c.expires_at,
    c.consent_at,
    c.release_id,
    c.card_hash,
    c.evaluated_window_id as window_id,
    c.evaluated_at as decided_at
from chosen as c
{% if is_incremental() %}
left join (
    select t.message_id
    from {{ this }} as t
    where t.window_id = {{ window_id() }}
) as known
    on c.message_id = known.message_id
where known.message_id is null
{% endif %}
