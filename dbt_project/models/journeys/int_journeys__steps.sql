{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='step_id',
    tags=['fold']
) }}

{#- The fold: for each person, journey and key one walk along the card that was
    live when it was entered. The next step is the earliest of: a change of the
    card, an event the step listens to, a blocked action, a timer the watermark
    has passed, the horizon, a new entry. docs/reference/cards.md has the rules.
    `turn_class` orders one instant: change of card 0, exit 1, goal 2, event 3,
    timer 4, horizon 9. -#}
{% set own -%}
                w.lane_no,
                w.person_no,
                w.entry_position,
                w.instance_id,
                w.correlation_key,
                w.own_zone,
                w.entered_at,
                w.entry_loaded_at,
                w.known_at
{%- endset %}
{% set of_card -%}
                w.card_hash,
                w.zone,
                w.horizon_at,
                w.sealed_at,
                w.max_steps,
                w.move_seq
{%- endset %}
{% set columns = [
    'step_id', 'instance_id', 'person_id', 'person_short', 'journey',
    'card_hash', 'release_id', 'acts_from', 'correlation_key',
    'entry_node_id', 'entry_node_short', 'entry_event_id', 'entered_at',
    'horizon_at', 'step_no', 'transition_id', 'from_step', 'step', 'kind',
    'cause', 'reached_at', 'action', 'on_block', 'owner', 'respond_by', 'why',
    'is_last', 'next_due_at'
] %}
{% set runs_away = "m.step_no > m.max_steps and m.rule_no is not null" %}

with recursive signals as (
    select * from {{ ref('int_journeys__touched_signals') }}
),

holds as (
    select * from {{ ref('int_journeys__holds') }}
),

rules as (
    select * from {{ ref('stg_release__rules') }}
),

cards as (
    select * from {{ ref('stg_release__cards') }}
),

outcomes as (
    select * from {{ ref('int_journeys__step_outcomes') }}
),

persons as (
    select distinct
        person_no,
        person_id,
        person_short,
        timezone
    from {{ ref('int_journeys__touched') }}
),

open_steps as (
    select distinct
        card_hash,
        to_step as step
    from rules
    where kind in ('enter', 'step')
),

{#- Changes of the card by step; without a new card where there is none, or
    none with this step. Only a withdrawal ends what cannot move. -#}
moves as (
    select
        m.card_hash,
        f.step,
        c.card_hash as to_card_hash,
        c.horizon_s,
        c.grace_s,
        c.max_steps,
        c.timezone,
        m.moved_at,
        m.move_seq
    from {{ ref('stg_release__card_moves') }} as m
    inner join open_steps as f
        on m.card_hash = f.card_hash
    left join open_steps as t
        on m.to_card_hash = t.card_hash and f.step = t.step
    left join cards as c
        on t.card_hash = c.card_hash
    where m.is_withdrawal or c.card_hash is not null
),

entries as (
    select
        s.person_no,
        s.node_id as entry_node_id,
        s.event_id as entry_event_id,
        s.signal_order,
        s.occurred_at,
        s.loaded_at,
        s.known_at,
        c.journey,
        c.card_hash,
        sp.release_id,
        sp.acts_from,
        case
            when c.correlation_key_name is not null then s.correlation_key
        end as correlation_key,
        p.timezone as own_zone,
        coalesce(p.timezone, c.timezone) as zone,
        c.reentry,
        c.cooldown_s,
        c.max_steps,
        {{ add_seconds('s.occurred_at', 'c.horizon_s') }} as horizon_at,
        {{ add_seconds(
            'greatest(s.occurred_at, s.loaded_at)', 'c.horizon_s + c.grace_s'
        ) }} as sealed_at,
        r.rule_no,
        r.transition_id,
        r.to_step,
        r.on_block,
        r.turn_class,
        r.split_from,
        r.split_until,
        r.trigger_name,
        {{ baton_id('instance', ['c.journey', 's.event_id']) }} as instance_id
    from signals as s
    inner join persons as p
        on s.person_no = p.person_no
    inner join rules as r
        on s.signal = r.signal and r.kind = 'enter'
    inner join cards as c
        on r.card_hash = c.card_hash
    inner join {{ ref('stg_release__card_spans') }} as sp
        on
            r.card_hash = sp.card_hash
            and s.known_at >= sp.from_at
            and s.known_at < sp.until_at
    inner join holds as h
        on
            s.person_no = h.person_no
            and r.condition_id = h.condition_id
            and s.occurred_at >= h.since
            and s.occurred_at < h.until
    where c.correlation_key_name is null or s.correlation_key is not null
),

laned as (
    select
        *,
        dense_rank() over (
            order by
                person_no,
                journey,
                correlation_key,
                case
                    when reentry = 'always' and correlation_key is not null
                        then entry_event_id
                end
        ) as lane_no
    from entries
    where {{ in_split('instance_id', 'cast(null as varchar)') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by lane_no order by occurred_at, turn_class, signal_order
        ) as entry_position
    from laned
),

walk as (
    select
        lane_no,
        person_no,
        entry_position,
        instance_id,
        correlation_key,
        own_zone,
        occurred_at as entered_at,
        loaded_at as entry_loaded_at,
        known_at,
        card_hash,
        zone,
        horizon_at,
        sealed_at,
        max_steps,
        cast(0 as bigint) as move_seq,
        1 as step_no,
        rule_no,
        transition_id,
        cast(null as varchar) as from_step,
        to_step as step,
        'step' as kind,
        on_block,
        entry_event_id as cause,
        occurred_at as reached_at,
        occurred_at as since_at,
        turn_class,
        signal_order,
        {{ baton_id('step', [
            'instance_id', 'transition_id', 'entry_event_id'
        ]) }} as step_id
    from ordered
    where entry_position = 1

    union all

    select
        n.* exclude (kind_rank, choice),
        {{ baton_id('step', ['n.instance_id', 'n.transition_id', 'n.cause']) }}
            as step_id
    from (
        select
            m.* replace (
                case when {{ runs_away }} then 'runaway' else m.transition_id end
                    as transition_id,
                case when {{ runs_away }} then 'runaway' else m.step end as step,
                case when {{ runs_away }} then 'runaway' else m.kind end as kind,
                case when not ({{ runs_away }}) then m.rule_no end as rule_no
            ),
            row_number() over (
                partition by m.lane_no
                order by
                    m.reached_at,
                    m.turn_class,
                    m.signal_order,
                    m.kind_rank,
                    m.rule_no
            ) as choice
        from (
            select
                {{ own }},
                {{ of_card }},
                w.step_no + 1 as step_no,
                r.rule_no,
                r.transition_id,
                w.step as from_step,
                r.to_step as step,
                r.kind,
                r.on_block,
                s.event_id as cause,
                s.occurred_at as reached_at,
                s.occurred_at as since_at,
                r.turn_class,
                s.signal_order,
                r.kind_rank
            from walk as w
            inner join rules as r
                on
                    w.card_hash = r.card_hash
                    and w.step = r.leaves_step
                    and r.trigger = 'event'
            inner join signals as s
                on
                    w.person_no = s.person_no
                    and r.signal = s.signal
                    and (
                        s.correlation_key is null
                        or w.correlation_key is null
                        or w.correlation_key = s.correlation_key
                    )
                    and {{ is_later_turn(
                        's.occurred_at', 'r.turn_class', 's.signal_order'
                    ) }}
                    and s.occurred_at < w.horizon_at
                    and s.loaded_at < w.sealed_at
            inner join holds as h
                on
                    w.person_no = h.person_no
                    and r.condition_id = h.condition_id
                    and s.occurred_at >= h.since
                    and s.occurred_at < h.until
            where w.kind = 'step' and {{ in_split('w.instance_id', 'r.from_step', 'r.') }}

            {#- A timer runs from when the step was reached or, with
                `on_block: wait`, from when its action was done. -#}
            {% for base, waits in [
                ('w.since_at', false),
                ('greatest(w.since_at, o.done_at)', true)
            ] %}

            union all

            select
                {{ own }},
                {{ of_card }},
                w.step_no + 1 as step_no,
                r.rule_no,
                r.transition_id,
                w.step as from_step,
                r.to_step as step,
                r.kind,
                r.on_block,
                w.step_id as cause,
                greatest({{ timer_due(base) }}, h.since) as reached_at,
                greatest({{ timer_due(base) }}, h.since) as since_at,
                4 as turn_class,
                0 as signal_order,
                r.kind_rank
            from walk as w
            inner join rules as r
                on
                    w.card_hash = r.card_hash
                    and w.step = r.leaves_step
                    and r.trigger = 'timer'
            {% if waits %}
            inner join outcomes as o
                on w.step_id = o.step_id
            {% endif %}
            inner join holds as h
                on
                    w.person_no = h.person_no
                    and r.condition_id = h.condition_id
                    and h.until > {{ timer_due(base) }}
            where
                w.kind = 'step'
                {% if waits %}
                and w.on_block = 'wait'
                and o.done_at is not null
                {% else %}
                and coalesce(w.on_block, '') <> 'wait'
                {% endif %}
                and greatest({{ timer_due(base) }}, h.since)
                <= {{ input_watermark() }}
                and greatest({{ timer_due(base) }}, h.since) < w.horizon_at
                and {{ in_split('w.instance_id', 'r.from_step', 'r.') }}
            {% endfor %}

            union all

            select
                {{ own }},
                {{ of_card }},
                w.step_no + 1 as step_no,
                cast(null as integer) as rule_no,
                'blocked' as transition_id,
                w.step as from_step,
                'blocked' as step,
                'exit' as kind,
                cast(null as varchar) as on_block,
                w.step_id as cause,
                greatest(w.reached_at, o.blocked_at) as reached_at,
                greatest(w.reached_at, o.blocked_at) as since_at,
                1 as turn_class,
                0 as signal_order,
                0 as kind_rank
            from walk as w
            inner join outcomes as o
                on w.step_id = o.step_id
            where
                w.kind = 'step'
                and w.on_block = 'exit'
                and greatest(w.reached_at, o.blocked_at) < w.horizon_at

            union all

            select
                {{ own }},
                coalesce(m.to_card_hash, w.card_hash) as card_hash,
                coalesce(w.own_zone, m.timezone) as zone,
                coalesce(
                    {{ add_seconds('w.entered_at', 'm.horizon_s') }},
                    w.horizon_at
                ) as horizon_at,
                coalesce(
                    {{ add_seconds(
                        'greatest(w.entered_at, w.entry_loaded_at)',
                        'm.horizon_s + m.grace_s'
                    ) }},
                    w.sealed_at
                ) as sealed_at,
                coalesce(m.max_steps, w.max_steps) as max_steps,
                m.move_seq,
                w.step_no + 1 as step_no,
                cast(null as integer) as rule_no,
                case when m.to_card_hash is null then 'withdrawn' else 'moved' end
                    as transition_id,
                w.step as from_step,
                case when m.to_card_hash is null then 'withdrawn' else w.step end
                    as step,
                case when m.to_card_hash is null then 'withdrawn' else 'step' end
                    as kind,
                cast(null as varchar) as on_block,
                w.step_id as cause,
                m.moved_at as reached_at,
                w.since_at,
                0 as turn_class,
                0 as signal_order,
                0 as kind_rank
            from walk as w
            inner join moves as m
                on
                    w.card_hash = m.card_hash
                    and w.step = m.step
                    and m.move_seq > w.move_seq
                    and m.moved_at > w.known_at
            where w.kind = 'step'

            union all

            select
                {{ own }},
                {{ of_card }},
                w.step_no + 1 as step_no,
                cast(null as integer) as rule_no,
                'expired' as transition_id,
                w.step as from_step,
                'expired' as step,
                'expired' as kind,
                cast(null as varchar) as on_block,
                w.step_id as cause,
                greatest(w.reached_at, w.horizon_at) as reached_at,
                greatest(w.reached_at, w.horizon_at) as since_at,
                9 as turn_class,
                0 as signal_order,
                0 as kind_rank
            from walk as w
            where
                w.kind = 'step'
                and greatest(w.reached_at, w.horizon_at)
                <= {{ input_watermark() }}

            union all

            select
                w.lane_no,
                w.person_no,
                o.entry_position,
                o.instance_id,
                o.correlation_key,
                o.own_zone,
                o.occurred_at as entered_at,
                o.loaded_at as entry_loaded_at,
                o.known_at,
                o.card_hash,
                o.zone,
                o.horizon_at,
                o.sealed_at,
                o.max_steps,
                0 as move_seq,
                1 as step_no,
                o.rule_no,
                o.transition_id,
                cast(null as varchar) as from_step,
                o.to_step as step,
                'step' as kind,
                o.on_block,
                o.entry_event_id as cause,
                o.occurred_at as reached_at,
                o.occurred_at as since_at,
                o.turn_class,
                o.signal_order,
                0 as kind_rank
            from walk as w
            inner join ordered as o
                on
                    w.lane_no = o.lane_no
                    and o.entry_position > w.entry_position
                    and o.reentry <> 'never'
                    and (
                        {{ is_later_turn(
                            'o.occurred_at', 'o.turn_class', 'o.signal_order'
                        ) }}
                        or (
                            w.kind = 'expired'
                            and o.occurred_at = w.reached_at
                        )
                    )
                    and o.occurred_at
                    >= {{ add_seconds('w.reached_at', 'o.cooldown_s') }}
            where w.kind <> 'step'
        ) as m
    ) as n
    where n.choice = 1
),

followed as (
    select
        *,
        lead(reached_at) over (
            partition by instance_id order by step_no
        ) as left_at
    from walk
),

{#- What the watermark has not reached yet and would change the path when it
    does: timers and horizons not overtaken by something known. -#}
dues as (
    {% for base, waits in [
        ('w.since_at', false), ('greatest(w.since_at, o.done_at)', true)
    ] %}
    select
        w.instance_id,
        w.left_at,
        w.horizon_at,
        greatest({{ timer_due(base) }}, h.since) as due_at
    from followed as w
    inner join rules as r
        on
            w.card_hash = r.card_hash
            and w.step = r.leaves_step
            and r.trigger = 'timer'
    {% if waits %}
    inner join outcomes as o
        on w.step_id = o.step_id
    {% endif %}
    inner join holds as h
        on
            w.person_no = h.person_no
            and r.condition_id = h.condition_id
            and h.until > {{ timer_due(base) }}
    where
        w.kind = 'step'
        {% if waits %}
        and w.on_block = 'wait'
        and o.done_at is not null
        {% else %}
        and coalesce(w.on_block, '') <> 'wait'
        {% endif %}
    union all
    {% endfor %}
    select
        w.instance_id,
        w.left_at,
        {{ end_of_time() }} as horizon_at,
        greatest(w.reached_at, w.horizon_at) as due_at
    from followed as w
    where w.kind = 'step'
),

pending as (
    select
        instance_id,
        min(due_at) as next_due_at
    from dues
    where
        due_at > {{ input_watermark() }}
        and due_at < horizon_at
        and (left_at is null or due_at < left_at)
    group by instance_id
),

{#- What the card says about a step, whichever step `any` stood for. -#}
said as (
    select distinct
        card_hash,
        rule_no,
        action,
        on_block,
        owner,
        within_s,
        why
    from rules
),

computed as (
    select
        w.step_id,
        w.instance_id,
        p.person_id,
        p.person_short,
        e.journey,
        w.card_hash,
        e.release_id,
        e.acts_from,
        w.correlation_key,
        e.entry_node_id,
        {{ short_id('e.entry_node_id') }} as entry_node_short,
        e.entry_event_id,
        w.entered_at,
        w.horizon_at,
        w.step_no,
        w.transition_id,
        w.from_step,
        w.step,
        w.kind,
        w.cause,
        w.reached_at,
        r.action,
        r.on_block,
        r.owner,
        {{ add_seconds('w.reached_at', 'r.within_s') }} as respond_by,
        coalesce(r.why, case w.transition_id
            when 'expired' then 'the horizon was reached'
            when 'runaway' then 'it had taken as many steps as it may'
            when 'blocked' then 'its action was blocked'
            when 'moved' then 'its card was withdrawn or replaced'
            when 'withdrawn' then 'its card was withdrawn'
        end) as why,
        w.left_at is null as is_last,
        case when w.left_at is null then d.next_due_at end as next_due_at
    from followed as w
    inner join ordered as e
        on w.lane_no = e.lane_no and w.entry_position = e.entry_position
    inner join persons as p
        on w.person_no = p.person_no
    left join said as r
        on w.card_hash = r.card_hash and w.rule_no = r.rule_no
    left join pending as d
        on w.instance_id = d.instance_id
),

{#- The folded persons' steps of the batch before. What is not computed again
    stays as a tombstone: a delete that every incremental engine can do. -#}
known as (
    {% if is_incremental() %}
    select t.*
    from {{ this }} as t
    inner join (select distinct person_short from persons) as p
        on t.person_short = p.person_short
    where t.is_current
    {% else %}
    select
        c.*,
        cast(null as bigint) as first_window_id
    from computed as c
    where 1 = 0
    {% endif %}
)

select
    {%- for column in columns %}
    c.{{ column }},
    {%- endfor %}
    true as is_current,
    coalesce(k.first_window_id, {{ window_id() }}) as first_window_id,
    k.person_id as prior_person_id,
    {{ window_id() }} as computed_window_id
from computed as c
left join known as k
    on c.step_id = k.step_id
union all
select
    {%- for column in columns %}
    k.{{ column }},
    {%- endfor %}
    false as is_current,
    k.first_window_id,
    k.person_id as prior_person_id,
    {{ window_id() }} as computed_window_id
from known as k
left join computed as c
    on k.step_id = c.step_id
where c.step_id is null
