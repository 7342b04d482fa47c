{#- The checks of what is `due` that ask nothing of other candidates, docs/reference/decisions.md
    rules 1 to 11. Leaves `placed` (what is due, with its action and card), `checked` (the same
    with its checks, and the first that fails as `early_reason`), `barred` (fallbacks that do
    not take part), `caps`, `zones`, `standing_guards`, and of a batch `recent` (messages that
    may still fill a slot or cap) and `message_states`. -#}
{% macro candidate_checks() -%}
caps as {{ kept() }} (
    select * from {{ ref('stg_release__caps') }}
),

zones as {{ kept() }} (
    select
        person_short,
        timezone,
        timezone_source
    from {{ ref('customers') }}
    where
        person_short in {{ few_of('nodes', 'person_short') }}
        and {{ is_time_zone('timezone') }}
),

stopped as {{ kept() }} (
    select
        scope,
        value
    from {{ ref('stg_journal__switches') }}
    where is_stopped
),

{#- What an action says, for each card: as few rows as policies have. -#}
plays as {{ kept() }} (
    select
        cd.journey,
        cd.card_hash,
        a.action,
        a.release_id,
        a.outcome as declared_outcome,
        a.channel,
        a.destination,
        a.class,
        a.template,
        a.value,
        a.priority,
        a.conflict_group,
        a.time_to_live,
        ch.node_type is null as is_internal,
        cd.brand,
        cd.timezone as card_timezone,
        cd.require_fresh
        and cd.card_hash in (
            select x.card_hash from stale_cards as x
        ) as is_input_stale,
        not cd.is_standing as is_card_withdrawn,
        {{ switched_off('a', 'cd.journey', 'cd.brand') }} as is_stopped,
        w.window_id,
        w.batch_time,
        w.watermark < w.batch_time as is_input_behind
    from cards as cd
    cross join actions as a
    inner join {{ ref('stg_release__channels') }} as ch
        on a.channel = ch.channel
    cross join moment as w
),

{#- Every action and card of what is due is among them. -#}
placed as {{ kept() }} (
    select
        d.*,
        {{ all_but('a', ['journey', 'card_hash', 'action', 'time_to_live']) }},
        d.due_at + a.time_to_live as expires_at,
        z.timezone as own_zone,
        coalesce(z.timezone, a.card_timezone) as timezone,
        case when z.timezone is null then 'card' else z.timezone_source end
            as timezone_source
    from due as d
    left join plays as a
        on
            d.action = a.action
            and d.card_hash = a.card_hash
            and d.journey = a.journey
    left join zones as z
        on d.person_short = z.person_short
),

reachable as {{ kept() }} (
    select
        contact_point_id,
        person_id,
        channel,
        is_suppressed,
        is_verified,
        last_observed_at
    from {{ ref('contact_point_standing') }}
    where person_id in (select o.person_id from owners as o)
),

asked as {{ kept() }} (
    select
        s.contact_point_id,
        s.person_id,
        s.channel,
        p.class as purpose,
        p.brand,
        s.is_suppressed,
        s.is_verified,
        s.last_observed_at
    from (
        select distinct
            person_id,
            channel,
            class,
            brand
        from placed
    ) as p
    inner join reachable as s
        on p.person_id = s.person_id and p.channel = s.channel
),

standing as (
    {{ standing_permissions('asked', few=is_incremental()) | indent(4) }}
),

weighed as {{ kept() }} (
    select
        s.person_id,
        s.channel,
        s.purpose,
        s.brand,
        s.contact_point_id,
        s.is_suppressed,
        c.is_granted as has_consent,
        c.statement_id,
        c.stated_at as consent_at,
        row_number() over (
            partition by s.person_id, s.channel, s.purpose, s.brand
            order by
                s.is_suppressed,
                c.is_granted desc,
                s.is_verified desc,
                s.last_observed_at desc,
                s.contact_point_id
        ) as preference
    from asked as s
    left join standing as c
        on
            s.contact_point_id = c.contact_point_id
            and s.purpose = c.purpose
            and s.brand = c.brand
),

{#- A message that was decided keeps its contact point. -#}
points as (
    select
        *,
        '' as wanted_id
    from weighed
    where preference = 1
    {% if is_incremental() %}
    union all
    select
        *,
        contact_point_id as wanted_id
    from weighed
    where
        contact_point_id in (
            select p.message_contact_point_id from placed as p
            where p.message_contact_point_id is not null
        )
    {% endif %}
),

suppressed_persons as (
    select distinct m.person_id
    from {{ ref('suppressions') }} as s
    inner join nodes as m
        on s.node_id = m.node_id
    where
        s.scope = 'person'
        and s.since <= {{ batch_time() }}
        and s.until > {{ batch_time() }}
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

{{ arms() }},

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

{#- The steps of these persons, found by their short key. -#}
steps_now as {{ kept() }} (
    select
        s.step_id,
        s.instance_id,
        s.person_id,
        s.kind,
        s.is_last
    from {{ few_rows(
        ref('int_journeys__steps'), 'entry_node_short', 'nodes', 'node_short'
    ) if is_incremental() else ref('int_journeys__steps') }} as s
    inner join nodes as n
        on s.entry_node_short = n.node_short
    where s.is_current
),

{% if is_incremental() %}
{#- What was decided to be told to these persons, read once for two that ask. -#}
decided_messages as {{ kept() }} (
    select
        k.candidate_id,
        k.step_id,
        k.message_id,
        k.message_decided_at,
        k.evaluated_at,
        n.person_id,
        n.person_short,
        k.journey,
        k.correlation_key,
        k.action,
        k.fallback_of,
        k.channel,
        k.class,
        k.brand,
        k.conflict_group,
        k.value,
        k.priority,
        k.expires_at,
        k.outcome
    from {{ few_rows(this, 'entry_node_short', 'nodes', 'node_short') }} as k
    inner join nodes as n
        on k.entry_node_short = n.node_short
    where k.message_id is not null
),

{#- Messages of these persons that may still count in a slot or cap. -#}
recent as {{ kept() }} (
    select k.*
    from decided_messages as k
    where
        k.expires_at > (
            select
                max(w.batch_time) - greatest(
                    interval '31 days',
                    coalesce(max(c.rolling_period), interval '31 days')
                ) - interval '7 days'
            from moment as w
            left join caps as c
                on true
        )
),

{#- Messages of steps that were refolded away. -#}
orphans as {{ kept() }} (
    select
        k.message_id,
        coalesce(k.message_decided_at, k.evaluated_at) as message_decided_at,
        k.journey,
        k.correlation_key,
        k.person_id,
        k.action,
        k.evaluated_at
    from decided_messages as k
    left join steps_now as s
        on k.step_id = s.step_id
    where
        k.evaluated_at >= (select min(p.entered_at) from placed as p)
        and s.step_id is null
        and k.message_id not in (
            select a.answered_by_message_id from {{ this }} as a
            where a.answered_by_message_id is not null
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
        ) as sent_at,
        bool_or(state in (
            'claimed', 'accepted', 'delivered', 'unknown', 'retry'
        )) as may_be_sent,
        bool_or(state in ('cancelled', 'rejected', 'dead', 'bounced')) as is_void
    from {{ ref('stg_journal__message_events') }}
    where
        message_id in (
            select r.message_id from recent as r
            union all
            select o.message_id from orphans as o
        )
        and occurred_at >= (
            select min(m.message_decided_at) - interval '1 day'
            from (
                select w.batch_time as message_decided_at
                from moment as w
                union all
                select r.message_decided_at from recent as r
                union all
                select o.message_decided_at from orphans as o
            ) as m
        )
    group by message_id
),

{#- Each that may have been sent answers for one candidate of the same journey,
    key, person and action. -#}
numbered_orphans as (
    select
        o.*,
        coalesce(ms.may_be_sent, false) as may_be_sent,
        row_number() over (
            partition by o.journey, o.correlation_key, o.person_id, o.action
            order by o.evaluated_at, o.message_id
        ) as position
    from orphans as o
    left join message_states as ms
        on o.message_id = ms.message_id
    where not coalesce(ms.is_void, false)
),

answerable as (
    select
        p.candidate_id,
        p.entered_at,
        p.journey,
        p.correlation_key,
        p.person_id,
        p.action,
        row_number() over (
            partition by p.journey, p.correlation_key, p.person_id, p.action
            order by p.due_at, p.candidate_id
        ) as position
    from placed as p
    where
        p.person_id in (select o.person_id from orphans as o)
        and p.step_id in (select s.step_id from steps_now as s)
        and p.due_at >= p.acts_from
        and p.expires_at > p.batch_time
),

answers as (
    select
        p.candidate_id,
        o.message_id,
        o.may_be_sent
    from answerable as p
    inner join numbered_orphans as o
        on
            p.journey = o.journey
            and p.correlation_key is not distinct from o.correlation_key
            and p.person_id = o.person_id
            and p.action = o.action
            and p.position = o.position
            and o.evaluated_at >= p.entered_at
),
{% endif %}

asked_zones as (
    select distinct timezone from placed
),

quiet as (
    {{ quiet_now('asked_zones') | indent(4) }}
),

{#- While input is unread nothing is judged; and what is judged late is judged
    by the permission that a batch in time would have known. -#}
looked_at as (
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
        p.expires_at <= p.batch_time as is_expired,
        p.is_stopped
        or p.person_id in (
            select x.value from stopped as x
            where x.scope = 'person' and x.value is not null
        ) as is_switched_off,
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
        and p.person_id in (
            select g.person_id from standing_guards as g
            where g.guard = 'open_case'
        ) as has_open_case,
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
    from placed as p
    left join quiet as q
        on
            p.channel = q.channel
            and p.class = q.class
            and p.timezone = q.timezone
    left join held_out as ho
        on p.candidate_id = ho.candidate_id
    {% if is_incremental() %}
    left join message_states as ms
        on p.message_id = ms.message_id
    left join answers as o
        on p.candidate_id = o.candidate_id
    {% endif %}
    left join points as pt
        on
            p.person_id = pt.person_id
            and p.channel = pt.channel
            and p.class = pt.purpose
            and p.brand is not distinct from pt.brand
            and coalesce(p.message_contact_point_id, '') = pt.wanted_id
    left join steps_now as st
        on p.step_id = st.step_id
    left join steps_now as st_last
        on
            coalesce(p.recovers_instance_id, p.instance_id)
            = st_last.instance_id
            and st_last.is_last
),

checked as {{ kept() }} (
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
    from looked_at
),

{#- A fallback stands for its action only where that has no address, now or in an
    evaluation that is on record, or may meet a cap that says so in this pass. -#}
barred as {{ kept() }} (
    select c.candidate_id
    from checked as c
    left join checked as primary_now
        on
            c.step_id = primary_now.step_id
            and c.fallback_of = primary_now.action
    {% if is_incremental() %}
    left join seen as primary_before
        on
            c.step_id = primary_before.step_id
            and c.fallback_of = primary_before.action
    {% endif %}
    where
        c.fallback_of is not null
        and c.evaluation_no = 0
        and coalesce(primary_now.early_reason, '') <> 'no_address'
        and not (
            primary_now.candidate_id is not null
            and primary_now.early_reason is null
            and primary_now.class <> 'transactional'
            and c.early_reason is null
            and c.class <> 'transactional'
        )
        {% if is_incremental() %}
        and coalesce(primary_before.reason, '') <> 'no_address'
        {% endif %}
)
{%- endmacro %}
