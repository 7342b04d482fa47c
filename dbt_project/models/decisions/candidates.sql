-- depends_on: {{ ref('stg_journal__message_events') }}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='candidate_id',
    incremental_predicates=[is_of_open_candidates()],
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
    from allowed as a
    left join verdicts as v
        on a.candidate_id = v.candidate_id
    where coalesce(v.is_active, true)
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
    p.candidate_id,
    p.step_id,
    p.instance_id,
    p.journey,
    p.correlation_key,
    p.entry_node_id,
    p.card_hash,
    p.release_id,
    p.acts_from,
    p.entered_at,
    p.recovers_instance_id,
    p.action,
    p.fallback_of,
    p.on_block,
    p.channel,
    p.destination,
    p.class,
    p.template,
    p.brand,
    p.value,
    p.priority,
    p.conflict_group,
    p.due_at,
    p.expires_at,
    e.contact_point_id,
    e.statement_id,
    e.consent_at,
    p.timezone,
    p.timezone_source,
    e.propensity,
    e.context_weight,
    e.lever,
    e.rank,
    e.is_before_activation,
    e.is_superseded,
    e.answer_id is not null as is_already_done,
    e.is_expired,
    e.is_switched_off,
    e.is_suppressed,
    e.has_no_consent,
    e.has_no_address,
    e.has_open_case,
    e.is_input_stale or e.is_input_behind as is_input_stale_or_behind,
    e.is_quiet_hours,
    e.is_held_out,
    case when p.class = 'transactional' then false else e.is_outranked end
        as is_outranked,
    case when p.class = 'transactional' then false else e.is_capped end
        as is_capped,
    e.held_out_by,
    e.outranked_by,
    e.capped_by,
    e.counterfactual_outcome,
    e.outcome,
    coalesce(e.reason, 'all_checks_passed') as reason,
    e.outcome <> 'wait' as is_decided,
    case
        when e.outcome = 'wait' then least(
                p.expires_at,
                case e.reason
                    when 'quiet_hours' then e.quiet_until
                    when 'outranked'
                        then coalesce(
                                e.slot_free_at, p.batch_time + interval '4 hours'
                            )
                    when 'capped' then coalesce(e.cap_free_at, p.expires_at)
                    else p.expires_at
                end
            )
    end as decide_after,
    case
        when e.outcome not in {{ is_sent_for }} then p.message_id
        else coalesce(
                p.message_id,
                {{ baton_id('message', ['p.candidate_id', 'p.channel']) }}
            )
    end as message_id,
    case
        when e.outcome in {{ is_sent_for }}
            then coalesce(p.message_decided_at, p.batch_time)
        else p.message_decided_at
    end as message_decided_at,
    case
        when e.outcome = 'nothing' and e.reason = 'already_done' then e.answer_id
    end as answered_by_message_id,
    p.evaluation_no
    + case
        when coalesce(p.evaluated_window_id, 0) = p.window_id then 0
        else 1
    end as evaluation_no,
    p.window_id as evaluated_window_id,
    p.batch_time as evaluated_at,
    p.step_short,
    p.entry_node_short,
    case
        when e.outcome = 'wait' then {{ end_of_time() }}
        when e.outcome in {{ is_sent_for }} then p.expires_at
    end as open_until
from evaluated as e
inner join placed as p
    on e.candidate_id = p.candidate_id
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
from {{ this }} as r
inner join lost as v
    on r.candidate_id = v.candidate_id
left join actions as a
    on r.action = a.action
where r.open_until > {{ batch_time() }}
{% endif %}
