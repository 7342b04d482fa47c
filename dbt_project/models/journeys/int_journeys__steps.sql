{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='step_id'
) }}

{#- The fold: for each person, journey and key one walk along the card that was
    live when it was entered. The next step is the earliest of: an event the
    step listens to, a timer the watermark has passed, the horizon, a new entry
    after an exit. At one instant: exit, goal, event, timer. -#}
{% set no_order = 9223372036854775807 %}
{% set over = "m.step_no > m.max_steps and m.kind <> 'expired'" %}

with recursive signals as (
    select * from {{ ref('int_journeys__touched_signals') }}
),

holds as (
    select * from {{ ref('int_journeys__holds') }}
),

rules as (
    select * from {{ ref('stg_release__rules') }}
),

entries as (
    select
        s.person_id,
        s.node_id as entry_node_id,
        s.event_id as entry_event_id,
        s.signal_order,
        s.occurred_at,
        c.journey,
        c.card_hash,
        sp.release_id,
        sp.acts_from,
        case
            when c.correlation_key_name is not null then s.correlation_key
        end as correlation_key,
        c.reentry,
        c.cooldown_s,
        c.max_steps,
        {{ add_seconds('s.occurred_at', 'c.horizon_s') }} as horizon_at,
        {{ add_seconds(
            'greatest(s.occurred_at, s.loaded_at)', 'c.horizon_s + c.grace_s'
        ) }} as sealed_at,
        r.transition_id,
        r.to_step,
        r.action,
        r.why,
        {{ baton_id('instance', ['c.journey', 's.event_id']) }} as instance_id,
        c.correlation_key_name is null
        or s.correlation_key is not null as has_key
    from signals as s
    inner join rules as r
        on s.signal = r.signal and r.kind = 'enter'
    inner join {{ ref('stg_release__cards') }} as c
        on r.card_hash = c.card_hash and r.journey = c.journey
    inner join {{ ref('stg_release__card_spans') }} as sp
        on
            c.journey = sp.journey
            and c.card_hash = sp.card_hash
            and s.loaded_seq >= sp.from_seq
            and s.loaded_seq < sp.until_seq
    inner join holds as h
        on
            s.person_id = h.person_id
            and r.condition_id = h.condition_id
            and s.occurred_at >= h.since
            and s.occurred_at < h.until
),

laned as (
    select
        *,
        {{ baton_id('lane', [
            'person_id', 'journey', 'correlation_key',
            "case when reentry = 'always' and correlation_key is not null "
            ~ "then entry_event_id end"
        ]) }} as lane_id
    from entries
    where has_key
),

ordered as (
    select
        *,
        row_number() over (
            partition by lane_id order by signal_order
        ) as entry_position
    from laned
),

walk as (
    select
        lane_id,
        person_id,
        instance_id,
        journey,
        card_hash,
        release_id,
        acts_from,
        correlation_key,
        entry_node_id,
        entry_event_id,
        occurred_at as entered_at,
        horizon_at,
        sealed_at,
        reentry,
        cooldown_s,
        max_steps,
        1 as step_no,
        transition_id,
        cast(null as varchar) as from_step,
        to_step as step,
        'step' as kind,
        entry_event_id as cause,
        occurred_at as reached_at,
        signal_order as cursor_order,
        action,
        why,
        {{ baton_id('step', [
            'instance_id', 'transition_id', 'entry_event_id'
        ]) }} as step_id
    from ordered
    where entry_position = 1

    union all

    select
        n.lane_id,
        n.person_id,
        n.instance_id,
        n.journey,
        n.card_hash,
        n.release_id,
        n.acts_from,
        n.correlation_key,
        n.entry_node_id,
        n.entry_event_id,
        n.entered_at,
        n.horizon_at,
        n.sealed_at,
        n.reentry,
        n.cooldown_s,
        n.max_steps,
        n.step_no,
        n.transition_id,
        n.from_step,
        n.step,
        n.kind,
        n.cause,
        n.reached_at,
        n.cursor_order,
        n.action,
        n.why,
        {{ baton_id('step', ['n.instance_id', 'n.transition_id', 'n.cause']) }}
            as step_id
    from (
        select
            m.* replace (
                case when {{ over }} then 'runaway' else m.transition_id end
                    as transition_id,
                case when {{ over }} then 'runaway' else m.step end as step,
                case when {{ over }} then 'runaway' else m.kind end as kind,
                case when {{ over }} then null else m.action end as action
            ),
            row_number() over (
                partition by m.lane_id
                order by m.reached_at, m.kind_rank, m.cursor_order, m.rule_no
            ) as choice
        from (
            select
                w.lane_id,
                w.person_id,
                w.instance_id,
                w.journey,
                w.card_hash,
                w.release_id,
                w.acts_from,
                w.correlation_key,
                w.entry_node_id,
                w.entry_event_id,
                w.entered_at,
                w.horizon_at,
                w.sealed_at,
                w.reentry,
                w.cooldown_s,
                w.max_steps,
                w.step_no + 1 as step_no,
                r.transition_id,
                w.step as from_step,
                r.to_step as step,
                r.kind,
                s.event_id as cause,
                s.occurred_at as reached_at,
                s.signal_order as cursor_order,
                r.action,
                r.why,
                r.kind_rank,
                r.rule_no
            from walk as w
            inner join rules as r
                on
                    w.card_hash = r.card_hash
                    and w.journey = r.journey
                    and (w.step = r.from_step or r.from_step = 'any')
                    and r.trigger = 'event'
                    and r.kind <> 'enter'
            inner join signals as s
                on
                    w.person_id = s.person_id
                    and r.signal = s.signal
                    and (
                        s.correlation_key is null
                        or w.correlation_key is null
                        or w.correlation_key = s.correlation_key
                    )
                    and (
                        s.occurred_at > w.reached_at
                        or (
                            s.occurred_at = w.reached_at
                            and s.signal_order > w.cursor_order
                        )
                    )
                    and s.occurred_at < w.horizon_at
                    and s.loaded_at < w.sealed_at
            inner join holds as h
                on
                    w.person_id = h.person_id
                    and r.condition_id = h.condition_id
                    and s.occurred_at >= h.since
                    and s.occurred_at < h.until
            where w.kind = 'step'

            union all

            select
                w.lane_id,
                w.person_id,
                w.instance_id,
                w.journey,
                w.card_hash,
                w.release_id,
                w.acts_from,
                w.correlation_key,
                w.entry_node_id,
                w.entry_event_id,
                w.entered_at,
                w.horizon_at,
                w.sealed_at,
                w.reentry,
                w.cooldown_s,
                w.max_steps,
                w.step_no + 1 as step_no,
                r.transition_id,
                w.step as from_step,
                r.to_step as step,
                r.kind,
                w.step_id as cause,
                greatest({{ add_seconds('w.reached_at', 'r.after_s') }}, h.since) as reached_at,
                {{ no_order }} as cursor_order,
                r.action,
                r.why,
                r.kind_rank + 3 as kind_rank,
                r.rule_no
            from walk as w
            inner join rules as r
                on
                    w.card_hash = r.card_hash
                    and w.journey = r.journey
                    and (w.step = r.from_step or r.from_step = 'any')
                    and r.trigger = 'timer'
            inner join holds as h
                on
                    w.person_id = h.person_id
                    and r.condition_id = h.condition_id
                    and h.until > {{ add_seconds('w.reached_at', 'r.after_s') }}
            where
                w.kind = 'step'
                and greatest({{ add_seconds('w.reached_at', 'r.after_s') }}, h.since)
                <= {{ input_watermark() }}
                and greatest({{ add_seconds('w.reached_at', 'r.after_s') }}, h.since)
                < w.horizon_at

            union all

            select
                w.lane_id,
                w.person_id,
                w.instance_id,
                w.journey,
                w.card_hash,
                w.release_id,
                w.acts_from,
                w.correlation_key,
                w.entry_node_id,
                w.entry_event_id,
                w.entered_at,
                w.horizon_at,
                w.sealed_at,
                w.reentry,
                w.cooldown_s,
                w.max_steps,
                w.step_no + 1 as step_no,
                'expired' as transition_id,
                w.step as from_step,
                'expired' as step,
                'expired' as kind,
                w.step_id as cause,
                w.horizon_at as reached_at,
                {{ no_order }} as cursor_order,
                cast(null as varchar) as action,
                'the horizon was reached' as why,
                9 as kind_rank,
                0 as rule_no
            from walk as w
            where w.kind = 'step' and w.horizon_at <= {{ input_watermark() }}

            union all

            select
                w.lane_id,
                w.person_id,
                o.instance_id,
                o.journey,
                o.card_hash,
                o.release_id,
                o.acts_from,
                o.correlation_key,
                o.entry_node_id,
                o.entry_event_id,
                o.occurred_at as entered_at,
                o.horizon_at,
                o.sealed_at,
                o.reentry,
                o.cooldown_s,
                o.max_steps,
                1 as step_no,
                o.transition_id,
                cast(null as varchar) as from_step,
                o.to_step as step,
                'step' as kind,
                o.entry_event_id as cause,
                o.occurred_at as reached_at,
                o.signal_order as cursor_order,
                o.action,
                o.why,
                3 as kind_rank,
                0 as rule_no
            from walk as w
            inner join ordered as o
                on
                    w.lane_id = o.lane_id
                    and (
                        o.occurred_at > w.reached_at
                        or (
                            o.occurred_at = w.reached_at
                            and (
                                w.kind = 'expired'
                                or o.signal_order > w.cursor_order
                            )
                        )
                    )
                    and o.occurred_at
                    >= {{ add_seconds('w.reached_at', 'w.cooldown_s') }}
            where w.kind <> 'step' and w.reentry <> 'never'
        ) as m
    ) as n
    where n.choice = 1
),

due as (
    select
        w.step_id,
        min(
            greatest({{ add_seconds('w.reached_at', 'r.after_s') }}, h.since)
        ) as next_due_at
    from walk as w
    inner join rules as r
        on
            w.card_hash = r.card_hash
            and w.journey = r.journey
            and (w.step = r.from_step or r.from_step = 'any')
            and r.trigger = 'timer'
    inner join holds as h
        on
            w.person_id = h.person_id
            and r.condition_id = h.condition_id
            and h.until > {{ add_seconds('w.reached_at', 'r.after_s') }}
    where w.kind = 'step'
    group by w.step_id
),

computed as (
    select
        w.step_id,
        w.instance_id,
        w.person_id,
        w.journey,
        w.card_hash,
        w.release_id,
        w.acts_from,
        w.correlation_key,
        w.entry_node_id,
        w.entry_event_id,
        w.entered_at,
        w.horizon_at,
        w.step_no,
        w.transition_id,
        w.from_step,
        w.step,
        w.kind,
        w.cause,
        w.reached_at,
        w.action,
        w.why,
        row_number() over (
            partition by w.instance_id order by w.step_no desc
        ) = 1 as is_last,
        case
            when w.kind = 'step'
                then least(coalesce(d.next_due_at, w.horizon_at), w.horizon_at)
        end as next_due_at
    from walk as w
    left join due as d
        on w.step_id = d.step_id
)

{{ with_tombstones('step_id', [
    'step_id', 'instance_id', 'person_id', 'journey', 'card_hash',
    'release_id', 'acts_from', 'correlation_key', 'entry_node_id',
    'entry_event_id', 'entered_at', 'horizon_at', 'step_no', 'transition_id',
    'from_step', 'step', 'kind', 'cause', 'reached_at', 'action', 'why', 'is_last',
    'next_due_at'
], touched='int_journeys__touched') }}
