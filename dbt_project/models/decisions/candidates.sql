-- depends_on: {{ ref('stg_journal__message_events') }}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='candidate_id',
    full_refresh=false
) }}

{#- One pass, docs/reference/decisions.md: every candidate that is new, due again or
    touched, with a column per check, an outcome and the first failing check as
    its reason. -#}
{% set is_sent_for = "('send', 'route', 'escalate')" %}

with recursive touched as (
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

news as (
    select
        e.message_id,
        m.person_id,
        e.state in ('cancelled', 'rejected', 'dead', 'bounced') as is_end
    from {{ ref('stg_journal__message_events') }} as e
    inner join {{ ref('identity_map') }} as m
        on e.node_id = m.node_id
    where {{ in_this_window('e.loaded_seq') }}
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
        and s.computed_window_id = {{ window_id() }}
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
        cast(null as varchar) as message_id,
        cast(null as timestamp) as message_decided_at,
        cast(null as varchar) as message_contact_point_id,
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

{% if is_incremental() %}
again as (
    select k.*
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
            or k.message_id in (select n.message_id from news as n)
            or (
                k.reason in ('outranked', 'capped')
                and m.person_id in (
                    select n.person_id from news as n
                    where n.is_end
                )
            )
        )
),
{% endif %}

due as (
    select * from fresh
    {% if is_incremental() %}
    union all
    select
        candidate_id,
        step_id,
        instance_id,
        journey,
        correlation_key,
        entry_node_id,
        card_hash,
        acts_from,
        entered_at,
        recovers_instance_id,
        action,
        fallback_of,
        on_block,
        due_at,
        evaluation_no,
        evaluated_window_id,
        answered_by_message_id,
        message_id,
        message_decided_at,
        case when message_id is not null then contact_point_id end
            as message_contact_point_id,
        reason = 'input_behind' as is_judged_first
    from again
    union all
    {#- The fallback of what is looked at again may have to stand in for it. #}
    select
        {{ baton_id('candidate', ['g.step_id', 'a.fallback']) }}
            as candidate_id,
        g.step_id,
        g.instance_id,
        g.journey,
        g.correlation_key,
        g.entry_node_id,
        g.card_hash,
        g.acts_from,
        g.entered_at,
        g.recovers_instance_id,
        a.fallback as action,
        g.action as fallback_of,
        g.on_block,
        g.due_at,
        0 as evaluation_no,
        cast(null as bigint) as evaluated_window_id,
        cast(null as varchar) as answered_by_message_id,
        cast(null as varchar) as message_id,
        cast(null as timestamp) as message_decided_at,
        cast(null as varchar) as message_contact_point_id,
        true as is_judged_first
    from again as g
    inner join actions as a
        on g.action = a.action
    left join fresh as f
        on g.step_id = f.step_id and a.fallback = f.action
    left join known as k
        on g.step_id = k.step_id and a.fallback = k.action
    where
        a.fallback is not null
        and g.fallback_of is null
        and f.candidate_id is null
        and k.candidate_id is null
    {% endif %}
),

zones as (
    select
        person_id,
        timezone,
        timezone_source
    from {{ ref('customers') }}
    where {{ is_time_zone('timezone') }}
),

placed as {{ kept() }} (
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
        d.due_at + a.time_to_live as expires_at,
        cu.timezone as own_zone,
        cu.timezone_source as own_zone_source,
        coalesce(cu.timezone, cd.timezone) as timezone,
        case when cu.timezone is null then 'card' else cu.timezone_source end
            as timezone_source
    from due as d
    inner join {{ ref('identity_map') }} as m
        on d.entry_node_id = m.node_id
    inner join actions as a
        on d.action = a.action
    inner join {{ ref('stg_release__channels') }} as ch
        on a.channel = ch.channel
    inner join {{ ref('stg_release__cards') }} as cd
        on d.journey = cd.journey and d.card_hash = cd.card_hash
    left join zones as cu
        on m.person_id = cu.person_id
),

asked as (
    select distinct
        s.contact_point_id,
        s.person_id,
        s.channel,
        p.class as purpose,
        p.brand
    from placed as p
    inner join {{ ref('contact_point_standing') }} as s
        on p.person_id = s.person_id and p.channel = s.channel
),

standing as (
    {{ standing_permissions('asked') | indent(4) }}
),

points as (
    select
        p.candidate_id,
        s.contact_point_id,
        s.is_suppressed,
        c.is_granted as has_consent,
        c.statement_id,
        c.stated_at as consent_at,
        row_number() over (
            partition by p.candidate_id
            order by
                s.is_suppressed,
                c.is_granted desc,
                s.is_verified desc,
                s.last_observed_at desc,
                s.contact_point_id
        ) as preference
    from placed as p
    inner join {{ ref('contact_point_standing') }} as s
        on
            p.person_id = s.person_id
            and p.channel = s.channel
            and coalesce(p.message_contact_point_id, s.contact_point_id)
            = s.contact_point_id
    left join standing as c
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

{#- Whose guards, scores, arms and messages this pass is about. -#}
nodes as {{ kept() }} (
    select
        node_id,
        person_id,
        {{ short_id('node_id') }} as node_short
    from {{ ref('identity_map') }}
    where
        person_id in (select p.person_id from placed as p)
        or person_id in (select t.person_id from touched as t)
),

standing_guards as {{ kept() }} (
    select distinct
        n.person_id,
        g.guard
    from {{ ref('guards') }} as g
    inner join nodes as n
        on g.node_short = n.node_short
    where
        g.since <= {{ batch_time() }}
        and g.until > {{ batch_time() }}
),

open_cases as (
    select person_id
    from standing_guards
    where guard = 'open_case'
),

arms as (
    select
        n.person_id,
        h.holdout,
        h.arm,
        row_number() over (
            partition by h.holdout, n.person_id
            order by h.assigned_at, h.assignment_id
        ) as position
    from {{ ref('holdout_assignments') }} as h
    inner join nodes as n
        on h.node_id = n.node_id
),

held_out as (
    select
        p.candidate_id,
        min(h.holdout) as holdout
    from placed as p
    inner join {{ ref('stg_release__holdouts') }} as h
        on
            coalesce(h.journey, p.journey) = p.journey
            and coalesce(h.class, p.class) = p.class
    inner join arms as a
        on
            p.person_id = a.person_id
            and h.holdout = a.holdout
            and a.arm = 'control'
            and a.position = 1
    where p.class <> 'transactional'
    group by p.candidate_id
),

{% if is_incremental() %}
{#- Messages of these persons that may still count in a slot or cap. -#}
recent as {{ kept() }} (
    select
        k.*,
        n.person_id
    from known as k
    inner join nodes as n
        on k.entry_node_id = n.node_id
    where
        k.message_id is not null
        and k.expires_at > {{ batch_time() }} - (
            select
                greatest(
                    interval '31 days',
                    coalesce(max(c.rolling_period), interval '31 days')
                ) + interval '7 days'
            from {{ ref('stg_release__caps') }} as c
        )
),

message_states as {{ kept() }} (
    select
        message_id,
        case
            when
                arg_max(state, seq) in ('pending', 'held')
                and bool_or(state = 'claimed')
                then 'retry'
            else arg_max(state, seq)
        end as state,
        coalesce(
            max(case when state in ('accepted', 'unknown') then occurred_at end),
            arg_max(occurred_at, seq)
        ) as sent_at
    from {{ ref('stg_journal__message_events') }}
    where
        message_id in (select r.message_id from recent as r)
        and occurred_at >= (
            select min(r.message_decided_at) - interval '1 day' from recent as r
        )
    group by message_id
),
{% endif %}

{#- The steps of these persons, found by their short key. -#}
steps_now as {{ kept() }} (
    select
        s.step_id,
        s.instance_id,
        s.person_id,
        s.kind,
        s.is_last
    from steps as s
    inner join nodes as n
        on s.entry_node_short = n.node_short
    where s.is_current
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
    inner join nodes as m
        on k.entry_node_id = m.node_id
    left join steps_now as s
        on k.step_id = s.step_id
    left join {{ ref('stg_journal__message_events') }} as e
        on k.message_id = e.message_id
    where
        k.message_id is not null
        and k.evaluated_at >= (select min(p.entered_at) from placed as p)
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
        and expires_at > {{ batch_time() }}
        and step_id in (select s.step_id from steps_now as s) as may_be_answered
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
            not coalesce(pt.has_consent, false)
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
        not p.is_standing as is_card_withdrawn,
        q.until is not null as is_quiet_hours,
        q.until as quiet_until,
        ho.candidate_id is not null as is_held_out,
        ho.holdout as held_out_by,
        {% if is_incremental() %}
        coalesce(ms.state in (
            'claimed', 'retry', 'accepted', 'delivered', 'unknown', 'bounced'
        ), false) as is_beyond_recall,
        coalesce(ms.state in ('cancelled', 'rejected', 'dead'), false)
            as is_message_ended
        {% else %}
        false as is_beyond_recall,
        false as is_message_ended
        {% endif %}
    from numbered as p
    left join {{ ref('int_decisions__quiet_now') }} as q
        on
            p.channel = q.channel
            and p.class = q.class
            and p.timezone = q.timezone
    left join held_out as ho
        on p.candidate_id = ho.candidate_id
    {% if is_incremental() %}
    left join message_states as ms
        on p.message_id = ms.message_id
    {% endif %}
    left join points as pt
        on p.candidate_id = pt.candidate_id and pt.preference = 1
    left join steps_now as st
        on p.step_id = st.step_id
    left join steps_now as st_last
        on
            coalesce(p.recovers_instance_id, p.instance_id)
            = st_last.instance_id
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
            when is_beyond_recall then 'recalled_too_late'
            when is_before_activation then 'before_activation'
            when is_superseded then 'superseded'
            when is_card_withdrawn and not is_expired then 'card_withdrawn'
            when answer_id is not null then 'already_done'
            when is_expired then 'expired'
            when is_message_ended then 'message_ended'
            when is_input_behind then 'input_behind'
            when is_switched_off then 'switched_off'
            when is_suppressed then 'suppressed'
            when has_no_consent then 'no_consent'
            when has_no_address then 'no_address'
            when has_open_case then 'open_case'
            when is_input_stale then 'stale_input'
            when is_quiet_hours then 'quiet_hours'
        end as early_reason
    from checked
),

{#- A fallback stands for its action only where that has no address, now or in an
    evaluation that is on record, or may meet a cap that says so in this pass. -#}
allowed as {{ kept() }} (
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
        or primary_now.early_reason = 'no_address'
        or (
            primary_now.candidate_id is not null
            and primary_now.early_reason is null
            and primary_now.class <> 'transactional'
            and r.early_reason is null
            and r.class <> 'transactional'
        )
        or r.evaluation_no > 0
        {% if is_incremental() %}
        or primary_before.reason = 'no_address'
        {% endif %}
),

rivals as (
    select
        candidate_id,
        step_id,
        person_id,
        journey,
        action,
        fallback_of,
        channel,
        class,
        brand,
        conflict_group,
        coalesce(own_zone, 'UTC') as own_zone,
        value,
        priority,
        is_held_out
    from allowed
    where early_reason is null and class <> 'transactional'
    {% if is_incremental() %}
    {#- What won before and can still be called back. #}
    union all
    select
        r.candidate_id,
        r.step_id,
        r.person_id,
        r.journey,
        r.action,
        r.fallback_of,
        r.channel,
        r.class,
        r.brand,
        r.conflict_group,
        coalesce(z.timezone, 'UTC') as own_zone,
        coalesce(a.value, r.value) as value,
        coalesce(a.priority, r.priority) as priority,
        false as is_held_out
    from recent as r
    left join message_states as ms
        on r.message_id = ms.message_id
    left join actions as a
        on r.action = a.action
    left join zones as z
        on r.person_id = z.person_id
    where
        r.outcome in {{ is_sent_for }}
        and r.class <> 'transactional'
        and r.expires_at > {{ batch_time() }}
        and coalesce(ms.state, 'pending') in ('pending', 'held')
    {% endif %}
),

scores as (
    select
        n.person_id,
        p.action,
        p.score,
        row_number() over (
            partition by n.person_id, p.action
            order by p.stated_at desc, p.score desc
        ) as position
    from {{ ref('propensities') }} as p
    inner join nodes as n
        on p.node_id = n.node_id
    where p.valid_until > {{ batch_time() }}
),

contexts as (
    select
        r.candidate_id,
        {{ product_of('w.weight') }} as weight
    from rivals as r
    inner join {{ ref('stg_release__context_weights') }} as w
        on
            coalesce(w.action, r.action) = r.action
            and coalesce(w.class, r.class) = r.class
    inner join standing_guards as g
        on r.person_id = g.person_id and w.guard = g.guard
    group by r.candidate_id
),

leverage as (
    select
        r.candidate_id,
        {{ product_of('l.lever') }} as lever
    from rivals as r
    inner join {{ ref('stg_release__levers') }} as l
        on case l.scope
                when 'journey' then r.journey
                when 'action' then r.action
                when 'class' then r.class
                when 'conflict_group' then r.conflict_group
            end = l.name
    group by r.candidate_id
),

contestants as {{ kept() }} (
    select
        r.*,
        coalesce(s.score, 1) as propensity,
        coalesce(c.weight, 1) as context_weight,
        coalesce(l.lever, 1) as lever,
        coalesce(s.score, 1)
        * coalesce(c.weight, 1)
        * coalesce(r.value, 1)
        * coalesce(l.lever, 1) as rank
    from rivals as r
    left join scores as s
        on
            r.person_id = s.person_id
            and r.action = s.action
            and s.position = 1
    left join contexts as c
        on r.candidate_id = c.candidate_id
    left join leverage as l
        on r.candidate_id = l.candidate_id
),

messages as {{ kept() }} (
    {% if is_incremental() %}
    select
        r.message_id,
        r.person_id,
        r.journey,
        r.channel,
        r.class,
        r.brand,
        r.conflict_group,
        ms.state in ('claimed', 'retry') as is_in_flight,
        case
            when ms.state not in ('claimed', 'retry') then ms.sent_at
        end as sent_at
    from recent as r
    inner join message_states as ms
        on r.message_id = ms.message_id
    where
        r.class <> 'transactional'
        and ms.state in (
            'claimed', 'retry', 'accepted', 'delivered', 'unknown'
        )
    {% else %}
    select
        cast(null as varchar) as message_id,
        cast(null as varchar) as person_id,
        cast(null as varchar) as journey,
        cast(null as varchar) as channel,
        cast(null as varchar) as class,
        cast(null as varchar) as brand,
        cast(null as varchar) as conflict_group,
        false as is_in_flight,
        cast(null as timestamp) as sent_at
    from placed
    where 1 = 0
    {% endif %}
),

{{ contest() }},

judged as (
    select
        a.*,
        c.propensity,
        c.context_weight,
        c.lever,
        c.rank,
        v.candidate_id is not null as is_contestant,
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
    left join contestants as c
        on a.candidate_id = c.candidate_id
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
                                slot_free_at, {{ batch_time() }} + interval '4 hours'
                            )
                    when 'capped' then coalesce(cap_free_at, expires_at)
                    else expires_at
                end
            )
    end as decide_after,
    case
        when outcome not in {{ is_sent_for }} then message_id
        else coalesce(
                message_id, {{ baton_id('message', ['candidate_id', 'channel']) }}
            )
    end as message_id,
    case
        when outcome in {{ is_sent_for }}
            then coalesce(message_decided_at, {{ batch_time() }})
        else message_decided_at
    end as message_decided_at,
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
from evaluated
{% if is_incremental() %}

{#- What had won and has lost the contest before it was claimed. #}
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
    c.propensity,
    c.context_weight,
    c.lever,
    c.rank,
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
    {{ batch_time() }} as evaluated_at
from recent as r
inner join contestants as c
    on r.candidate_id = c.candidate_id
inner join verdicts as v
    on r.candidate_id = v.candidate_id
left join actions as a
    on r.action = a.action
where
    r.outcome in {{ is_sent_for }}
    and (v.is_outranked or v.is_capped)
{% endif %}
