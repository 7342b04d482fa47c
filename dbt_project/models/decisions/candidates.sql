-- depends_on: {{ ref('stg_journal__message_events') }}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='candidate_id',
    full_refresh=false
) }}

{#- One pass: every candidate that is new, due again or touched, with a column
    per check, an outcome and the first failing check as its reason. Decided
    candidates are never evaluated again. Null = not evaluated in this version.
-#}
with touched as (
    select person_id from {{ ref('int_journeys__touched') }}
),

steps as (
    select * from {{ ref('int_journeys__steps') }}
),

actions as (
    select * from {{ ref('stg_release__actions') }}
),

{% if is_incremental() %}
switched as (
    select count(*) as changes
    from {{ ref('stg_journal__switches') }}
    where {{ in_this_window() }}
),

known as (
    select t.* from {{ this }} as t
),
{% endif %}

{#- The message that a recovery step answers, with the fallback of its action
    and the instance on whose behalf it was sent. -#}
failed as (
    {% if is_incremental() %}
    select
        k.message_id,
        a.fallback,
        coalesce(k.recovers_instance_id, k.instance_id) as instance_id
    from known as k
    inner join actions as a
        on k.action = a.action
    where k.message_id is not null
    {% else %}
    select
        cast(null as varchar) as message_id,
        cast(null as varchar) as fallback,
        cast(null as varchar) as instance_id
    {% endif %}
),

new_steps as (
    select
        s.*,
        case
            when s.action = 'fallback' then failed.fallback
            else s.action
        end as wanted_action,
        failed.instance_id as recovers_instance_id
    from steps as s
    left join failed
        on s.action = 'fallback' and s.correlation_key = failed.message_id
    where
        s.is_current
        and s.action is not null
        and s.person_id in (select t.person_id from touched as t)
),

wanted as (
    select
        n.*,
        a.action as candidate_action,
        cast(null as varchar) as fallback_of
    from new_steps as n
    inner join actions as a
        on n.wanted_action = a.action
    union all
    select
        n.*,
        a.fallback as candidate_action,
        a.action as fallback_of
    from new_steps as n
    inner join actions as a
        on n.wanted_action = a.action
    where a.fallback is not null
),

fresh as (
    select
        {{ baton_id('candidate', ['w.step_id', 'w.candidate_action']) }}
            as candidate_id,
        w.step_id,
        w.instance_id,
        w.journey,
        w.correlation_key,
        w.entry_node_id,
        w.card_hash,
        w.acts_from,
        w.entered_at,
        w.recovers_instance_id,
        w.candidate_action as action,
        w.fallback_of,
        w.on_block,
        w.reached_at as due_at,
        0 as evaluation_no,
        cast(null as bigint) as evaluated_window_id,
        cast(null as varchar) as answered_by_message_id,
        true as is_judged_first
    from wanted as w
    {% if is_incremental() %}
    left join known as k
        on
            {{ baton_id('candidate', ['w.step_id', 'w.candidate_action']) }}
            = k.candidate_id
    where k.candidate_id is null
    {% endif %}
),

due as (
    select * from fresh
    {% if is_incremental() %}
    union all
    select
        k.candidate_id,
        k.step_id,
        k.instance_id,
        k.journey,
        k.correlation_key,
        k.entry_node_id,
        k.card_hash,
        k.acts_from,
        k.entered_at,
        k.recovers_instance_id,
        k.action,
        k.fallback_of,
        k.on_block,
        k.due_at,
        k.evaluation_no,
        k.evaluated_window_id,
        k.answered_by_message_id,
        k.reason = 'input_behind' as is_judged_first
    from known as k
    inner join {{ ref('identity_map') }} as m
        on k.entry_node_id = m.node_id
    left join {{ ref('stg_release__cards') }} as cd
        on k.journey = cd.journey and k.card_hash = cd.card_hash
    where
        not k.is_decided
        and (
            case k.reason
                when 'input_behind'
                    then {{ input_watermark() }} >= {{ batch_time() }}
                when 'stale_input' then not cd.has_stale_input
                when 'card_withdrawn' then cd.is_standing
                else k.decide_after <= {{ batch_time() }}
            end
            or k.expires_at <= {{ batch_time() }}
            or m.person_id in (select t.person_id from touched as t)
            or (select s.changes from switched as s) > 0
        )
    {% endif %}
),

placed as (
    select
        d.*,
        m.person_id,
        a.release_id,
        a.outcome as declared_outcome,
        a.channel,
        a.destination,
        a.class,
        a.template,
        a.value,
        a.priority,
        a.conflict_group,
        cd.brand,
        cd.require_fresh,
        cd.has_stale_input,
        cd.is_standing,
        ch.node_type is null as is_internal,
        d.due_at + a.time_to_live as expires_at
    from due as d
    inner join {{ ref('identity_map') }} as m
        on d.entry_node_id = m.node_id
    inner join actions as a
        on d.action = a.action
    inner join {{ ref('stg_release__channels') }} as ch
        on a.channel = ch.channel
    inner join {{ ref('stg_release__cards') }} as cd
        on d.journey = cd.journey and d.card_hash = cd.card_hash
),

points as (
    select
        p.candidate_id,
        s.contact_point_id,
        s.is_suppressed,
        coalesce(
            c.is_granted, p.class in ('service', 'transactional')
        ) as has_consent,
        c.statement_id,
        c.stated_at as consent_at,
        row_number() over (
            partition by p.candidate_id
            order by
                s.is_suppressed,
                coalesce(
                    c.is_granted, p.class in ('service', 'transactional')
                ) desc,
                s.is_verified desc,
                s.last_observed_at desc,
                s.contact_point_id
        ) as preference
    from placed as p
    inner join {{ ref('contact_point_standing') }} as s
        on p.person_id = s.person_id and p.channel = s.channel
    left join {{ ref('consent_permissions') }} as c
        on
            s.contact_point_id = c.contact_point_id
            and p.class = c.purpose
            and p.brand = c.brand
),

suppressed_persons as (
    select distinct m.person_id
    from {{ ref('suppressions') }} as s
    inner join {{ ref('identity_map') }} as m
        on s.node_id = m.node_id
    where
        s.scope = 'person'
        and s.since <= {{ batch_time() }}
        and s.until > {{ batch_time() }}
),

open_cases as (
    select distinct m.person_id
    from {{ ref('guards') }} as g
    inner join {{ ref('identity_map') }} as m
        on g.node_id = m.node_id
    where
        g.guard = 'open_case'
        and g.since <= {{ batch_time() }}
        and g.until > {{ batch_time() }}
),

{% if is_incremental() %}
{#- Messages of steps that were refolded away and may have been sent: each
    answers for one candidate of the same journey, key, person and action. -#}
orphans as (
    select
        k.message_id,
        k.journey,
        k.correlation_key,
        m.person_id,
        k.action,
        k.evaluated_at,
        coalesce(bool_or(e.state in (
            'claimed', 'accepted', 'delivered', 'unknown', 'retry'
        )), false) as may_be_sent,
        coalesce(bool_or(e.state in (
            'cancelled', 'rejected', 'dead', 'bounced'
        )), false) as is_void
    from known as k
    inner join {{ ref('identity_map') }} as m
        on k.entry_node_id = m.node_id
    left join steps as s
        on k.step_id = s.step_id and s.is_current
    left join {{ ref('stg_journal__message_events') }} as e
        on k.message_id = e.message_id
    where
        k.message_id is not null
        and s.step_id is null
        and k.message_id not in (
            select a.answered_by_message_id from known as a
            where a.answered_by_message_id is not null
        )
    group by
        k.message_id,
        k.journey,
        k.correlation_key,
        m.person_id,
        k.action,
        k.evaluated_at
),

numbered_orphans as (
    select
        *,
        row_number() over (
            partition by journey, correlation_key, person_id, action
            order by evaluated_at, message_id
        ) as position
    from orphans
    where not is_void
),
{% endif %}

answerable as (
    select
        *,
        due_at >= acts_from
        and expires_at > {{ batch_time() }} as may_be_answered
    from placed
),

numbered as (
    select
        *,
        row_number() over (
            partition by
                journey, correlation_key, person_id, action, may_be_answered
            order by due_at, candidate_id
        ) as position
    from answerable
),

{#- While input is unread nothing is judged; and what is judged late is judged
    by the permission that a batch in time would have known. -#}
checked as (
    select
        p.*,
        pt.contact_point_id,
        pt.statement_id,
        pt.consent_at,
        {% if is_incremental() %}
        coalesce(p.answered_by_message_id, o.message_id) as answer_id,
        coalesce(o.may_be_sent, true) as answer_is_certain,
        {% else %}
        cast(null as varchar) as answer_id,
        true as answer_is_certain,
        {% endif %}
        p.due_at < p.acts_from as is_before_activation,
        st.step_id is null
        or coalesce(st.person_id <> p.person_id, false)
        or coalesce(
            st_last.kind <> 'step', false
        ) as is_superseded,
        p.expires_at <= {{ batch_time() }} as is_expired,
        {{ switched_off('p', 'p.person_id') }} as is_switched_off,
        p.person_id in (select x.person_id from suppressed_persons as x)
        or coalesce(pt.is_suppressed, false) as is_suppressed,
        not p.is_internal
        and pt.contact_point_id is not null
        and (
            not pt.has_consent
            or (
                p.is_judged_first
                and coalesce(
                    pt.consent_at > p.due_at + interval '15 minutes', false
                )
            )
        ) as has_no_consent,
        not p.is_internal and pt.contact_point_id is null as has_no_address,
        p.class in ('marketing', 'sales')
        and p.person_id in (select x.person_id from open_cases as x)
            as has_open_case,
        {{ input_watermark() }} < {{ batch_time() }} as is_input_behind,
        p.require_fresh and p.has_stale_input as is_input_stale,
        not p.is_standing as is_card_withdrawn
    from numbered as p
    left join points as pt
        on p.candidate_id = pt.candidate_id and pt.preference = 1
    left join steps as st
        on p.step_id = st.step_id and st.is_current
    left join steps as st_last
        on
            coalesce(p.recovers_instance_id, p.instance_id)
            = st_last.instance_id
            and st_last.is_current
            and st_last.is_last
    {% if is_incremental() %}
    left join numbered_orphans as o
        on
            p.journey = o.journey
            and p.correlation_key is not distinct from o.correlation_key
            and p.person_id = o.person_id
            and p.action = o.action
            and p.position = o.position
            and o.evaluated_at >= p.entered_at
            and p.may_be_answered
    {% endif %}
),

reasoned as (
    select
        *,
        case
            when is_before_activation then 'before_activation'
            when is_superseded then 'superseded'
            when is_card_withdrawn and not is_expired then 'card_withdrawn'
            when answer_id is not null then 'already_done'
            when is_expired then 'expired'
            when is_input_behind then 'input_behind'
            when is_switched_off then 'switched_off'
            when is_suppressed then 'suppressed'
            when has_no_consent then 'no_consent'
            when has_no_address then 'no_address'
            when has_open_case then 'open_case'
            when is_input_stale then 'stale_input'
        end as reason
    from checked
),

{#- A fallback stands for its action only where that has no address, now or
    in an evaluation that is on record. -#}
allowed as (
    select r.*
    from reasoned as r
    left join reasoned as primary_now
        on
            r.step_id = primary_now.step_id
            and r.fallback_of = primary_now.action
    {% if is_incremental() %}
    left join known as primary_before
        on
            r.step_id = primary_before.step_id
            and r.fallback_of = primary_before.action
    {% endif %}
    where
        r.fallback_of is null
        or primary_now.reason = 'no_address'
        {% if is_incremental() %}
        or primary_before.reason = 'no_address'
        {% endif %}
),

decided as (
    select
        *,
        case
            when reason is null then declared_outcome
            when reason in ('suppressed', 'no_consent') then 'suppress'
            when
                reason in (
                    'switched_off', 'open_case', 'card_withdrawn',
                    'stale_input', 'input_behind'
                )
                then 'wait'
            when reason = 'already_done' and not answer_is_certain then 'wait'
            else 'nothing'
        end as outcome
    from allowed
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
    cast(null as boolean) as is_quiet_hours,
    cast(null as boolean) as is_held_out,
    cast(null as boolean) as is_outranked,
    cast(null as boolean) as is_capped,
    outcome,
    coalesce(reason, 'all_checks_passed') as reason,
    outcome <> 'wait' as is_decided,
    case when outcome = 'wait' then expires_at end as decide_after,
    case
        when outcome in ('send', 'route', 'escalate')
            then {{ baton_id('message', ['candidate_id', 'channel']) }}
    end as message_id,
    case
        when outcome = 'nothing' and reason = 'already_done' then answer_id
    end as answered_by_message_id,
    evaluation_no
    + case
        when coalesce(evaluated_window_id, 0) = {{ window_id() }} then 0
        else 1
    end as evaluation_no,
    {{ window_id() }} as evaluated_window_id,
    {{ batch_time() }} as evaluated_at
from decided
