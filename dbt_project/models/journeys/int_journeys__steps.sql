{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='step_id',
    incremental_predicates=[is_of_folded_nodes()],
    tags=['fold']
) }}

{#- The fold: docs/reference/cards.md has the rules. Each entry walks along the
    card that was live when it became known; then each person, journey and key
    keeps the entries that found no instance open. All that may happen next is
    an *offer* of the step: a signal, a timer, a blocked action, a change of the
    card, the horizon; the earliest is taken. `turn_class` orders one instant:
    change of card 0, exit 1, goal 2, event 3, timer 4, horizon 9. -#}
{% set columns = [
    'step_id', 'instance_id', 'person_id', 'journey', 'card_hash',
    'release_id', 'acts_from', 'correlation_key',
    'entry_node_id', 'entry_node_short', 'entry_event_id', 'entered_at',
    'horizon_at', 'step_no', 'transition_id', 'from_step', 'step', 'kind',
    'cause', 'reached_at', 'action', 'on_block', 'owner', 'respond_by', 'why',
    'is_last', 'next_due_at'
] %}

{% set offers_of_a_step -%}
select
    {{ all_but('w', [
        'rule_no', 'transition_id', 'from_step', 'kind', 'turn_class', 'signal_order'
    ]) }},
    r.trigger,
    r.rule_no,
    r.transition_id,
    r.to_step,
    r.kind,
    r.on_block as next_on_block,
    r.turn_class,
    coalesce(r.kind_rank, 0) as kind_rank,
    r.condition_id,
    r.to_card_hash,
    r.horizon_s,
    r.grace_s,
    r.max_steps as new_max_steps,
    r.move_seq as new_move_seq,
    r.timezone,
    s.event_id,
    coalesce(s.signal_order, 0) as signal_order,
    r.rule_no is not null
    and w.step_no >= w.max_steps as runs_away,
    s.occurred_at,
    r.moved_at,
    o.done_at,
    o.blocked_at,
    r.after_s,
    r.at_s,
    r.day_offsets
from walk as w
inner join offers as r
    on
        w.card_hash = r.card_hash
        and w.step = r.leaves_step
        and {{ in_split('w.instance_id', 'r.from_step', 'r.') }}
left join outcomes as o
    on w.step_id = o.step_id
inner join signals as s
    on
        w.person_no = s.person_no
        and r.signal = s.signal
        and (
            r.trigger <> 'event'
            or (
                (
                    s.correlation_key is null
                    or w.correlation_key is null
                    or w.correlation_key = s.correlation_key
                )
                and {{ is_later_turn(
                    's.occurred_at', 'r.turn_class',
                    's.signal_order'
                ) }}
                and s.loaded_at < w.sealed_at
            )
        )
where
    w.kind = 'step'
    and (
        r.trigger <> 'move'
        or (
            r.move_seq > w.move_seq
            and r.moved_at > w.known_at
            and (
                r.moved_at > w.reached_at
                or (
                    r.moved_at = w.reached_at
                    and w.turn_class = 0
                )
            )
        )
    )
{%- endset %}

{% set offers_of_time -%}
select
    w.instance_id,
    w.person_no,
    w.left_at,
    w.horizon_at,
    w.reached_at,
    w.since_at,
    w.on_block,
    w.zone,
    r.trigger,
    r.condition_id,
    r.after_s,
    r.at_s,
    r.day_offsets,
    r.moved_at,
    o.done_at,
    o.blocked_at,
    cast(null as timestamp) as occurred_at
from unsettled as w
inner join offers as r
    on
        w.card_hash = r.card_hash
        and w.step = r.leaves_step
        and r.trigger in ('timer', 'horizon')
        and {{ in_split('w.instance_id', 'r.from_step', 'r.') }}
left join outcomes as o
    on w.step_id = o.step_id
{%- endset %}

with recursive persons as {{ kept() }} (
    select distinct
        person_no,
        person_id,
        timezone
    from {{ ref('int_journeys__touched') }}
    {%- if not is_incremental() %}
    where {{ fail_when(
        "(select count(*) from " ~ ref('int_journeys__touched') ~ " as t where t.scope <> 'all') > 0",
        "int_journeys__steps: built whole over a partly touched set; build with tag:fold"
    ) }}
    {%- endif %}
),

{#- Every person hears the passing of time, under an empty name. -#}
signals as {{ kept() }} (
    select
        person_no,
        signal,
        event_id,
        node_id,
        correlation_key,
        occurred_at,
        loaded_at,
        known_at,
        signal_order
    from {{ ref('int_journeys__touched_signals') }}
    union all
    select
        person_no,
        '' as signal,
        cast(null as varchar) as event_id,
        cast(null as varchar) as node_id,
        cast(null as varchar) as correlation_key,
        cast(null as timestamp) as occurred_at,
        cast(null as timestamp) as loaded_at,
        cast(null as timestamp) as known_at,
        cast(null as bigint) as signal_order
    from persons
),

holds as {{ kept() }} (
    select * from {{ ref('int_journeys__holds') }}
),

outcomes as {{ kept() }} (
    select * from {{ ref('int_journeys__step_outcomes') }}
),

rules as {{ kept() }} (
    select * from {{ ref('stg_release__rules') }}
),

cards as {{ kept() }} (
    select * from {{ ref('stg_release__cards') }}
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

ordered as {{ kept() }} (
    select
        *,
        row_number() over (
            order by lane_no, occurred_at, turn_class, signal_order
        ) as entry_no,
        row_number() over (
            partition by lane_no order by occurred_at, turn_class, signal_order
        ) as entry_position
    from laned
),

open_steps as (
    select
        card_hash,
        to_step as step,
        bool_or(coalesce(on_block, '') = 'exit') as may_block
    from rules
    where kind in ('enter', 'step')
    group by card_hash, to_step
),

{#- Changes of the card by step; to nothing where there is no new card, or none
    with this step. Only a withdrawal ends what cannot move. -#}
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

offers as {{ kept() }} (
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'leaves_step',
        'trigger': 'trigger', 'signal': "coalesce(signal, '')",
        'rule_no': 'rule_no', 'transition_id': 'transition_id',
        'from_step': 'from_step', 'to_step': 'to_step', 'kind': 'kind',
        'on_block': 'on_block', 'turn_class': 'coalesce(turn_class, 4)',
        'kind_rank': 'kind_rank', 'condition_id': 'condition_id',
        'after_s': 'after_s', 'at_s': 'at_s', 'day_offsets': 'day_offsets',
        'split_from': 'split_from', 'split_until': 'split_until',
        'trigger_name': 'trigger_name'
    }) }}
    from rules
    where kind <> 'enter'
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'horizon'", 'transition_id': "'expired'",
        'to_step': "'expired'", 'kind': "'expired'", 'turn_class': '9',
        'condition_id': "'always'"
    }) }}
    from open_steps
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'block'", 'transition_id': "'blocked'",
        'to_step': "'blocked'", 'kind': "'exit'", 'turn_class': '1',
        'condition_id': "'always'"
    }) }}
    from open_steps
    where may_block
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'move'", 'turn_class': '0', 'condition_id': "'always'",
        'transition_id':
            "case when to_card_hash is null then 'withdrawn' else 'moved' end",
        'to_step': "case when to_card_hash is null then 'withdrawn' else step end",
        'kind': "case when to_card_hash is null then 'withdrawn' else 'step' end",
        'to_card_hash': 'to_card_hash', 'horizon_s': 'horizon_s',
        'grace_s': 'grace_s', 'max_steps': 'max_steps', 'timezone': 'timezone',
        'moved_at': 'moved_at', 'move_seq': 'move_seq'
    }) }}
    from moves
),

walk as (
    select
        entry_no,
        person_no,
        instance_id,
        correlation_key,
        own_zone,
        occurred_at as entered_at,
        greatest(occurred_at, loaded_at) as entry_loaded_at,
        known_at,
        card_hash,
        zone,
        horizon_at,
        sealed_at,
        cast(max_steps as bigint) as max_steps,
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
    where entry_position = 1 or reentry <> 'never'

    union all

    select
        {{ all_but('n', ['kind_rank']) }},
        {{ baton_id('step', ['n.instance_id', 'n.transition_id', 'n.cause']) }}
            as step_id
    from (
        select {{ earliest('m', [
            'reached_at', 'turn_class', 'signal_order', 'kind_rank', 'rule_no'
        ]) }}
        from (
            select
                t.entry_no,
                t.person_no,
                t.instance_id,
                t.correlation_key,
                t.own_zone,
                t.entered_at,
                t.entry_loaded_at,
                t.known_at,
                coalesce(t.to_card_hash, t.card_hash) as card_hash,
                coalesce(t.own_zone, t.timezone, t.zone) as zone,
                coalesce(
                    {{ add_seconds('t.entered_at', 't.horizon_s') }},
                    t.horizon_at
                ) as horizon_at,
                coalesce(
                    {{ add_seconds('t.entry_loaded_at', 't.horizon_s + t.grace_s') }},
                    t.sealed_at
                ) as sealed_at,
                coalesce(t.new_max_steps, t.max_steps) as max_steps,
                coalesce(t.new_move_seq, t.move_seq) as move_seq,
                t.step_no + 1 as step_no,
                case when not t.runs_away then t.rule_no end as rule_no,
                case when t.runs_away then 'runaway' else t.transition_id end
                    as transition_id,
                t.step as from_step,
                case when t.runs_away then 'runaway' else t.to_step end as step,
                case when t.runs_away then 'runaway' else t.kind end as kind,
                t.next_on_block as on_block,
                coalesce(t.event_id, t.step_id) as cause,
                greatest(
                    t.offered_at,
                    case when t.trigger = 'timer' then h.since else t.offered_at end
                ) as reached_at,
                case
                    when t.trigger = 'move' then t.since_at
                    when t.trigger = 'timer' then greatest(t.offered_at, h.since)
                    else t.offered_at
                end as since_at,
                t.turn_class,
                t.signal_order,
                t.kind_rank
            from (
                {{ with_offered_at(offers_of_a_step) }}
            ) as t
            inner join holds as h
                on
                    t.person_no = h.person_no
                    and t.condition_id = h.condition_id
                    and t.offered_at < h.until
                    and (t.trigger = 'timer' or t.offered_at >= h.since)
            where
                t.trigger = 'move'
                or (
                    t.trigger = 'horizon'
                    and t.offered_at <= {{ input_watermark() }}
                )
                or (t.trigger in ('event', 'block') and t.offered_at < t.horizon_at)
                or (
                    t.trigger = 'timer'
                    and greatest(t.offered_at, h.since) < t.horizon_at
                    and greatest(t.offered_at, h.since) <= {{ input_watermark() }}
                )
        ) as m
        group by m.entry_no
    ) as n
),

{#- Where each instance ends, as a turn that a later entry has to come after. -#}
ends as {{ kept() }} (
    select
        o.lane_no,
        o.entry_position,
        w.kind,
        w.reached_at,
        w.turn_class,
        w.signal_order
    from ordered as o
    inner join walk as w
        on o.entry_no = w.entry_no
    where w.kind <> 'step'
),

taken as (
    select
        lane_no,
        entry_position
    from ordered
    where entry_position = 1

    union all

    select
        w.lane_no,
        min(o.entry_position) as entry_position
    from taken as k
    inner join ends as w
        on k.lane_no = w.lane_no and k.entry_position = w.entry_position
    inner join ordered as o
        on
            w.lane_no = o.lane_no
            and w.entry_position < o.entry_position
            and o.reentry <> 'never'
            and o.occurred_at
            >= {{ add_seconds('w.reached_at', 'o.cooldown_s') }}
            and (
                {{ is_later_turn(
                    'o.occurred_at', 'o.turn_class', 'o.signal_order'
                ) }}
                or (w.kind = 'expired' and w.reached_at = o.occurred_at)
            )
    group by w.lane_no
),

nexts as (
    select
        entry_no,
        step_no - 1 as step_no,
        reached_at
    from walk
    where step_no > 1
),

followed as (
    select
        w.*,
        e.journey,
        e.release_id,
        a.acts_from,
        e.entry_node_id,
        e.entry_event_id,
        n.reached_at as left_at
    from walk as w
    inner join ordered as e
        on w.entry_no = e.entry_no
    inner join taken as k
        on e.lane_no = k.lane_no and e.entry_position = k.entry_position
    left join nexts as n
        on w.entry_no = n.entry_no and w.step_no = n.step_no
    left join {{ ref('stg_release__acting') }} as a
        on w.card_hash = a.card_hash
),

{#- What the watermark has not reached yet and would change the path when it
    does: timers and horizons that nothing known overtakes. -#}
unsettled as (
    select * from followed
    where
        kind = 'step'
        and (left_at is null or left_at > {{ input_watermark() }})
),

dues as (
    select
        t.instance_id,
        t.left_at,
        case when t.trigger = 'timer' then t.horizon_at end as horizon_at,
        greatest(t.offered_at, h.since) as due_at
    from (
        {{ with_offered_at(offers_of_time) }}
    ) as t
    inner join holds as h
        on
            t.person_no = h.person_no
            and t.condition_id = h.condition_id
            and t.offered_at < h.until
),

pending as (
    select
        instance_id,
        min(due_at) as next_due_at
    from dues
    where
        due_at > {{ input_watermark() }}
        and (horizon_at is null or due_at < horizon_at)
        and (left_at is null or due_at < left_at)
    group by instance_id
),

{#- What the card says about a step, whichever step `any` stood for. -#}
said as (
    select distinct
        r.card_hash,
        r.rule_no,
        r.action,
        r.on_block,
        r.within_s,
        r.why,
        coalesce(
            r.owner,
            case when a.outcome in ('route', 'escalate') then a.owner end
        ) as owner
    from rules as r
    left join {{ ref('stg_release__actions') }} as a
        on r.action = a.action
),

computed as {{ kept() if is_incremental() }} (
    select
        w.step_id,
        w.instance_id,
        p.person_id,
        w.journey,
        w.card_hash,
        w.release_id,
        w.acts_from,
        w.correlation_key,
        w.entry_node_id,
        {{ short_id('w.entry_node_id') }} as entry_node_short,
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
    inner join persons as p
        on w.person_no = p.person_no
    left join said as r
        on w.card_hash = r.card_hash and w.rule_no = r.rule_no
    left join pending as d
        on w.instance_id = d.instance_id
)

{%- if is_incremental() %},

{#- The folded persons' steps of the batch before, by the node that entered. What
    is not computed again stays as a tombstone: a delete that every incremental
    engine can do. -#}
known as (
    select t.*
    from {{ this }} as t
    inner join {{ ref('int_journeys__touched') }} as n
        on t.entry_node_short = n.node_short
    where t.is_current
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
{%- else %}

select
    {%- for column in columns %}
    c.{{ column }},
    {%- endfor %}
    true as is_current,
    {{ window_id() }} as first_window_id,
    cast(null as varchar) as prior_person_id,
    {{ window_id() }} as computed_window_id
from computed as c
order by c.entry_node_short
{%- endif %}
