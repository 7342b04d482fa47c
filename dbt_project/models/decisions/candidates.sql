-- depends_on: {{ ref('stg_journal__message_events') }}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='candidate_id',
    incremental_predicates=(
        none if var('under_sqlmesh', false) else [is_of_open_candidates()]
    ),
    full_refresh=false
) }}

{#- One pass, docs/reference/decisions.md: every candidate that is new, due again or
    touched, with a column per check, an outcome and the first failing check as
    its reason. -#}
{% set is_sent_for = "('send', 'route', 'escalate')" %}

with recursive {{ due_candidates() }},

{{ candidate_checks() }},

{{ contestants() }},

{{ contest() }},

{% if is_incremental() %}
{#- Few of a long history: apart, so that the planner bounds them first. -#}
still_open as {{ kept() }} (
    select r.*
    from {{ this }} as r
    where r.open_until > {{ batch_time() }}
),

{#- What had won and has lost the contest before it was claimed. -#}
lost as (
    select v.*
    from verdicts as v
    inner join recent as r
        on v.candidate_id = r.candidate_id
    where
        r.outcome in {{ is_sent_for }}
        and (v.is_outranked or v.is_capped)
),
{% endif %}

judged as (
    select
        a.*,
        v.propensity,
        v.context_weight,
        v.lever,
        v.rank,
        v.is_outranked,
        v.is_capped,
        v.outranked_by,
        v.capped_by,
        v.when_full,
        v.slot_free_at,
        v.cap_free_at,
        case
            when v.is_outranked then 'outranked'
            when v.is_capped then 'capped'
        end as late_reason
    from checked as a
    left join verdicts as v
        on a.candidate_id = v.candidate_id
    where
        a.candidate_id not in (select b.candidate_id from barred as b)
        and coalesce(v.is_active, true)
),

decided as (
    select
        *,
        coalesce(
            early_reason,
            case
                when is_held_out and class <> 'transactional' then 'holdout'
            end,
            late_reason
        ) as reason,
        case
            when early_reason = 'recalled_too_late' then declared_outcome
            when early_reason in ('suppressed', 'no_consent') then 'suppress'
            when
                early_reason in (
                    'switched_off', 'open_case', 'card_withdrawn',
                    'stale_input', 'input_behind', 'quiet_hours'
                )
                then 'wait'
            when early_reason = 'already_done' and not answer_is_certain
                then 'wait'
            when early_reason is not null then 'nothing'
            when late_reason is null then declared_outcome
            when late_reason = 'outranked' or when_full = 'wait' then 'wait'
            else 'nothing'
        end as contest_outcome
    from judged
),

evaluated as (
    select
        *,
        case when reason = 'holdout' then 'nothing' else contest_outcome end
            as outcome,
        case when reason = 'holdout' then contest_outcome end
            as counterfactual_outcome
    from decided
)

select
    candidate_id,
    step_id,
    instance_id,
    journey,
    correlation_key,
    entry_node_id,
    card_hash,
    release_id,
    acts_from,
    entered_at,
    recovers_instance_id,
    action,
    fallback_of,
    on_block,
    channel,
    destination,
    class,
    template,
    brand,
    value,
    priority,
    conflict_group,
    due_at,
    expires_at,
    contact_point_id,
    statement_id,
    consent_at,
    timezone,
    timezone_source,
    propensity,
    context_weight,
    lever,
    rank,
    is_before_activation,
    is_superseded,
    answer_id is not null as is_already_done,
    is_expired,
    is_switched_off,
    is_suppressed,
    has_no_consent,
    has_no_address,
    has_open_case,
    is_input_stale or is_input_behind as is_input_stale_or_behind,
    is_quiet_hours,
    is_held_out,
    case when class = 'transactional' then false else is_outranked end
        as is_outranked,
    case when class = 'transactional' then false else is_capped end
        as is_capped,
    held_out_by,
    outranked_by,
    capped_by,
    counterfactual_outcome,
    outcome,
    coalesce(reason, 'all_checks_passed') as reason,
    outcome <> 'wait' as is_decided,
    case
        when outcome = 'wait' then least(
                expires_at,
                case reason
                    when 'quiet_hours' then quiet_until
                    when 'outranked'
                        then coalesce(
                                slot_free_at, batch_time + interval '4 hours'
                            )
                    when 'capped' then coalesce(cap_free_at, expires_at)
                    else expires_at
                end
            )
    end as decide_after,
    case
        when outcome not in {{ is_sent_for }} then message_id
        else coalesce(
                message_id,
                {{ baton_id('message', ['candidate_id', 'channel']) }}
            )
    end as message_id,
    case
        when outcome in {{ is_sent_for }}
            then coalesce(message_decided_at, batch_time)
        else message_decided_at
    end as message_decided_at,
    case
        when outcome = 'nothing' and reason = 'already_done' then answer_id
    end as answered_by_message_id,
    evaluation_no
    + case
        when coalesce(evaluated_window_id, 0) = window_id then 0
        else 1
    end as evaluation_no,
    window_id as evaluated_window_id,
    batch_time as evaluated_at,
    step_short,
    entry_node_short,
    case
        when outcome = 'wait' then {{ end_of_time() }}
        when outcome in {{ is_sent_for }} then expires_at
    end as open_until
from evaluated
{% if is_incremental() %}

union all
select
    r.candidate_id,
    r.step_id,
    r.instance_id,
    r.journey,
    r.correlation_key,
    r.entry_node_id,
    r.card_hash,
    coalesce(a.release_id, r.release_id) as release_id,
    r.acts_from,
    r.entered_at,
    r.recovers_instance_id,
    r.action,
    r.fallback_of,
    r.on_block,
    r.channel,
    r.destination,
    r.class,
    r.template,
    r.brand,
    r.value,
    r.priority,
    r.conflict_group,
    r.due_at,
    r.expires_at,
    r.contact_point_id,
    r.statement_id,
    r.consent_at,
    r.timezone,
    r.timezone_source,
    v.propensity,
    v.context_weight,
    v.lever,
    v.rank,
    r.is_before_activation,
    r.is_superseded,
    r.is_already_done,
    r.is_expired,
    r.is_switched_off,
    r.is_suppressed,
    r.has_no_consent,
    r.has_no_address,
    r.has_open_case,
    r.is_input_stale_or_behind,
    r.is_quiet_hours,
    r.is_held_out,
    v.is_outranked,
    v.is_capped,
    cast(null as varchar) as held_out_by,
    v.outranked_by,
    v.capped_by,
    cast(null as varchar) as counterfactual_outcome,
    case
        when v.is_outranked or v.when_full = 'wait' then 'wait'
        else 'nothing'
    end as outcome,
    case when v.is_outranked then 'outranked' else 'capped' end as reason,
    not v.is_outranked and v.when_full <> 'wait' as is_decided,
    case
        when v.is_outranked
            then least(
                    r.expires_at,
                    coalesce(v.slot_free_at, {{ batch_time() }} + interval '4 hours')
                )
        when v.when_full = 'wait'
            then least(r.expires_at, coalesce(v.cap_free_at, r.expires_at))
    end as decide_after,
    r.message_id,
    r.message_decided_at,
    cast(null as varchar) as answered_by_message_id,
    r.evaluation_no + 1 as evaluation_no,
    {{ window_id() }} as evaluated_window_id,
    {{ batch_time() }} as evaluated_at,
    r.step_short,
    r.entry_node_short,
    case
        when v.is_outranked or v.when_full = 'wait' then {{ end_of_time() }}
    end as open_until
from still_open as r
inner join lost as v
    on r.candidate_id = v.candidate_id
left join actions as a
    on r.action = a.action
{% endif %}
