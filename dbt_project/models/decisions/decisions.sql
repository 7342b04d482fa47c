{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

with evaluated as (
    select
        *,
        {{ baton_id('evaluation', ['candidate_id', 'evaluation_no']) }}
            as evaluation_id
    from {{ ref('candidates') }}
    where evaluated_window_id = {{ window_id() }}
)

select
    e.evaluation_id,
    e.candidate_id,
    e.evaluation_no,
    e.step_id,
    e.instance_id,
    e.journey,
    e.correlation_key,
    e.entry_node_id,
    e.action,
    e.fallback_of,
    e.channel,
    e.destination,
    e.class,
    e.brand,
    e.contact_point_id,
    e.statement_id,
    e.consent_at,
    e.is_before_activation,
    e.is_superseded,
    e.is_already_done,
    e.is_expired,
    e.is_switched_off,
    e.is_suppressed,
    e.has_no_consent,
    e.has_no_address,
    e.has_open_case,
    e.is_input_stale_or_behind,
    e.is_quiet_hours,
    e.is_held_out,
    e.is_outranked,
    e.is_capped,
    e.held_out_by,
    e.outranked_by,
    e.capped_by,
    e.counterfactual_outcome,
    e.propensity,
    e.context_weight,
    e.lever,
    e.rank,
    e.timezone,
    e.timezone_source,
    e.outcome,
    e.reason,
    e.decide_after,
    e.expires_at,
    e.message_id,
    e.answered_by_message_id,
    e.release_id,
    e.card_hash,
    e.evaluated_window_id as window_id,
    e.evaluated_at as decided_at
from evaluated as e
{% if is_incremental() %}
left join (
    select t.evaluation_id
    from {{ this }} as t
    where t.window_id = {{ window_id() }}
) as known
    on e.evaluation_id = known.evaluation_id
where known.evaluation_id is null
{% endif %}
