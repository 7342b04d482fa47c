{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='step_id',
    incremental_predicates=(
        none if var('under_sqlmesh', false) else [is_of_folded_nodes()]
    ),
    meta={'baton': {'lies_by': 'entry_node_short'}},
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
    {{ all_but('w', ['state_no', 'offer_no']) }},
    r.offer_no,
    r.heard_no,
    r.trigger,
    r.turn_class as offer_class,
    coalesce(w.own_zone, r.timezone) as zone,
    {{ add_seconds('w.entered_at', 'r.horizon_s') }} as horizon_at,
    {{ add_seconds('w.entry_loaded_at', 'r.horizon_s + r.grace_s') }} as late_at,
    r.moved_at,
    o.done_at,
    o.blocked_at,
    r.after_s,
    r.at_s,
    r.day_offsets
from walk as w
inner join offers as r
    on
        w.state_no = r.state_no
        and r.heard_no is not null
        and {{ in_split('w.instance_id', 'r.from_step', 'r.') }}
left join outcomes as o
    on w.step_id = o.step_id
where
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
{%- endset %}

{% set offers_of_time -%}
select
    w.entry_no,
    w.person_no,
    w.left_at,
    w.horizon_at,
    w.reached_at,
    w.since_at,
    w.on_block,
    coalesce(w.own_zone, r.timezone) as zone,
    r.trigger,
    r.heard_no,
    r.after_s,
    r.at_s,
    r.day_offsets,
    r.moved_at,
    o.done_at,
    o.blocked_at
from unsettled as w
inner join offers as r
    on
        w.state_no = r.state_no
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

outcomes as {{ kept() }} (
    select * from {{ ref('int_journeys__step_outcomes') }}
),

rules as {{ kept() }} (
    select * from {{ ref('stg_release__rules') }}
),

cards as {{ kept() }} (
    select
        *,
        dense_rank() over (order by journey) as journey_no
    from {{ ref('stg_release__cards') }}
),

{#- Where an open instance can stand: a step of a card. -#}
states as {{ kept() }} (
    select
        f.card_hash,
        f.step,
        f.may_block,
        c.horizon_s,
        c.grace_s,
        cast(c.max_steps as bigint) as max_steps,
        c.timezone,
        row_number() over (order by f.card_hash, f.step) as state_no
    from (
        select
            card_hash,
            to_step as step,
            bool_or(coalesce(on_block, '') = 'exit') as may_block
        from rules
        where kind in ('enter', 'step')
        group by card_hash, to_step
    ) as f
    inner join cards as c
        on f.card_hash = c.card_hash
),

{#- Changes of the card by step; to nothing where there is no new card, or none
    with this step. Only a withdrawal ends what cannot move. -#}
moves as (
    select
        f.card_hash,
        f.step,
        t.card_hash as to_card_hash,
        m.moved_at,
        m.move_seq
    from {{ ref('stg_release__card_moves') }} as m
    inner join states as f
        on m.card_hash = f.card_hash
    left join states as t
        on m.to_card_hash = t.card_hash and f.step = t.step
    where m.is_withdrawal or t.card_hash is not null
),

ways as (
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'leaves_step',
        'trigger': "case kind when 'enter' then kind else trigger end",
        'signal': "coalesce(signal, '')", 'rule_no': 'rule_no',
        'transition_id': 'transition_id', 'from_step': 'from_step',
        'to_step': 'to_step',
        'kind': "case kind when 'enter' then 'step' else kind end",
        'action': 'action', 'on_block': 'on_block', 'owner': 'owner',
        'within_s': 'within_s', 'why': 'why',
        'turn_class': 'coalesce(turn_class, 4)', 'kind_rank': 'kind_rank',
        'condition_id': 'condition_id', 'after_s': 'after_s', 'at_s': 'at_s',
        'day_offsets': 'day_offsets', 'split_from': 'split_from',
        'split_until': 'split_until', 'trigger_name': 'trigger_name'
    }) }}
    from rules
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'horizon'", 'transition_id': "'expired'",
        'to_step': "'expired'", 'kind': "'expired'", 'turn_class': '9',
        'condition_id': "'always'", 'why': "'the horizon was reached'"
    }) }}
    from states
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'block'", 'transition_id': "'blocked'",
        'to_step': "'blocked'", 'kind': "'exit'", 'turn_class': '1',
        'condition_id': "'always'", 'why': "'its action was blocked'"
    }) }}
    from states
    where may_block
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step',
        'trigger': "'runaway'", 'transition_id': "'runaway'",
        'to_step': "'runaway'", 'kind': "'runaway'",
        'why': "'it had taken as many steps as it may'"
    }) }}
    from states
    union all
    {{ offer({
        'card_hash': 'card_hash', 'leaves_step': 'step', 'signal': "''",
        'trigger': "'move'", 'turn_class': '0', 'condition_id': "'always'",
        'transition_id':
            "case when to_card_hash is null then 'withdrawn' else 'moved' end",
        'to_step': "case when to_card_hash is null then 'withdrawn' else step end",
        'kind': "case when to_card_hash is null then 'withdrawn' else 'step' end",
        'why': "case when to_card_hash is null then 'its card was withdrawn'
            else 'its card was withdrawn or replaced' end",
        'to_card_hash': 'to_card_hash', 'moved_at': 'moved_at',
        'move_seq': 'move_seq'
    }) }}
    from moves
),

{#- What an offer waits for: a signal while a condition holds, or, under an
    empty name, that time passes while it does. -#}
listened as {{ kept() }} (
    select
        signal,
        condition_id,
        row_number() over (order by signal, condition_id) as heard_no
    from (
        select distinct
            signal,
            condition_id
        from ways
        where signal is not null
    ) as named
),

{#- Numbered so that of two at one instant the lower is taken. -#}
numbered as {{ kept() }} (
    select
        w.*,
        f.state_no,
        t.state_no as to_state_no,
        l.heard_no,
        f.horizon_s,
        f.grace_s,
        f.max_steps,
        f.timezone,
        row_number() over (
            order by
                coalesce(w.kind_rank, 0), w.rule_no, w.card_hash, w.leaves_step
        ) as offer_no
    from ways as w
    left join states as f
        on w.card_hash = f.card_hash and w.leaves_step = f.step
    left join states as t
        on
            coalesce(w.to_card_hash, w.card_hash) = t.card_hash
            and w.to_step = t.step
            and w.kind = 'step'
    left join listened as l
        on w.signal = l.signal and w.condition_id = l.condition_id
),

offers as {{ kept() }} (
    select
        n.*,
        r.offer_no as runaway_no
    from numbered as n
    left join numbered as r
        on n.state_no = r.state_no and r.trigger = 'runaway'
),

{#- What a person hears while a condition holds, as intervals: a signal lasts for
    an instant, the passing of time (under an empty name) as long as it does. -#}
heard as {{ kept() }} (
    select
        s.person_no,
        l.heard_no,
        s.event_id,
        s.node_id,
        s.node_short,
        s.correlation_key,
        {{ short_id('s.correlation_key') }} as key_short,
        s.loaded_at,
        s.known_at,
        s.signal_order,
        s.occurred_at as since,
        s.occurred_at + interval '1 microsecond' as until
    from {{ ref('int_journeys__touched_signals') }} as s
    inner join listened as l
        on s.signal = l.signal
    inner join {{ ref('int_journeys__holds') }} as h
        on
            s.person_no = h.person_no
            and l.condition_id = h.condition_id
            and s.occurred_at >= h.since
            and s.occurred_at < h.until
    union all
    select
        h.person_no,
        l.heard_no,
        cast(null as varchar) as event_id,
        cast(null as varchar) as node_id,
        cast(null as bigint) as node_short,
        cast(null as varchar) as correlation_key,
        cast(null as bigint) as key_short,
        {{ beginning_of_time() }} as loaded_at,
        cast(null as timestamp) as known_at,
        cast(0 as bigint) as signal_order,
        h.since,
        h.until
    from {{ ref('int_journeys__holds') }} as h
    inner join listened as l
        on h.condition_id = l.condition_id and l.signal = ''
),

entrances as {{ kept() }} (
    select
        r.heard_no,
        r.offer_no,
        r.to_state_no,
        r.transition_id,
        r.on_block,
        r.turn_class,
        r.split_from,
        r.split_until,
        r.trigger_name,
        c.journey,
        c.journey_no,
        c.correlation_key_name,
        c.reentry,
        c.cooldown_s,
        p.release_id,
        p.from_at,
        p.until_at
    from offers as r
    inner join cards as c
        on r.card_hash = c.card_hash
    inner join {{ ref('stg_release__card_spans') }} as p
        on r.card_hash = p.card_hash
    where r.trigger = 'enter'
),

entries as (
    select
        s.person_no,
        p.person_id,
        p.timezone as own_zone,
        s.node_id as entry_node_id,
        s.node_short as entry_node_short,
        s.event_id as entry_event_id,
        s.signal_order,
        s.since as occurred_at,
        s.known_at,
        greatest(s.since, s.loaded_at) as entry_loaded_at,
        r.journey,
        r.journey_no,
        r.release_id,
        case
            when r.correlation_key_name is not null then s.correlation_key
        end as correlation_key,
        case
            when r.correlation_key_name is not null then s.key_short
        end as key_short,
        r.reentry,
        r.cooldown_s,
        case
            when r.reentry = 'always' and r.correlation_key_name is not null
                then s.event_id
        end as lane_event,
        r.offer_no,
        r.to_state_no,
        r.transition_id,
        r.on_block,
        r.turn_class,
        r.split_from,
        r.split_until,
        r.trigger_name,
        {{ baton_id('instance', ['r.journey', 's.event_id']) }} as instance_id
    from heard as s
    inner join persons as p
        on s.person_no = p.person_no
    inner join entrances as r
        on
            s.heard_no = r.heard_no
            and s.known_at >= r.from_at
            and s.known_at < r.until_at
    where r.correlation_key_name is null or s.correlation_key is not null
),

{#- A lane is what keeps others out: a person, a journey and a key; its number is
    that of its first entry. -#}
ordered as {{ kept() }} (
    select
        *,
        row_number() over (
            order by
                person_no,
                journey_no,
                key_short,
                lane_event,
                occurred_at,
                turn_class,
                signal_order,
                offer_no
        ) as entry_no,
        rank() over (
            order by
                person_no,
                journey_no,
                key_short,
                lane_event
        ) as lane_no
    from entries
    where {{ in_split('instance_id', 'cast(null as varchar)') }}
),

walk as (
    select
        entry_no,
        person_no,
        instance_id,
        key_short,
        own_zone,
        occurred_at as entered_at,
        entry_loaded_at,
        known_at,
        {{ baton_id('step', [
            'instance_id', 'transition_id', 'entry_event_id'
        ]) }} as step_id,
        offer_no,
        to_state_no as state_no,
        on_block,
        cast(0 as bigint) as move_seq,
        1 as step_no,
        entry_event_id as cause,
        occurred_at as reached_at,
        occurred_at as since_at,
        turn_class,
        signal_order
    from ordered
    where entry_no = lane_no or reentry <> 'never'

    union all

    select
        e.entry_no,
        e.person_no,
        e.instance_id,
        e.key_short,
        e.own_zone,
        e.occurred_at as entered_at,
        e.entry_loaded_at,
        e.known_at,
        {{ baton_id('step', ['e.instance_id', 'n.transition_id', 'n.cause']) }}
            as step_id,
        {{ all_but('n', ['entry_no', 'transition_id']) }}
    from (
        select {{ earliest('m', [
            'reached_at', 'turn_class', 'signal_order', 'offer_no'
        ]) }}
        from (
            select
                t.entry_no,
                case when t.runs_away then t.runaway_no else t.offer_no end
                    as offer_no,
                case when not t.runs_away then t.to_state_no end as state_no,
                t.next_on_block as on_block,
                coalesce(t.next_move_seq, t.move_seq) as move_seq,
                t.step_no + 1 as step_no,
                coalesce(t.event_id, t.step_id) as cause,
                t.reached_at,
                case when t.trigger = 'move' then t.since_at else t.reached_at end
                    as since_at,
                t.turn_class,
                t.signal_order,
                case when t.runs_away then 'runaway' else t.transition_id end
                    as transition_id
            from (
                select
                    {{ all_but('w', [
                        'reached_at', 'turn_class', 'signal_order', 'on_block'
                    ]) }},
                    r.runaway_no,
                    r.to_state_no,
                    r.turn_class,
                    r.on_block as next_on_block,
                    r.move_seq as next_move_seq,
                    r.transition_id,
                    r.rule_no is not null
                    and w.step_no >= r.max_steps as runs_away,
                    h.event_id,
                    h.signal_order,
                    greatest(w.offered_at, h.since) as reached_at
                from (
                    {{ with_offered_at(offers_of_a_step) }}
                ) as w
                inner join heard as h
                    on
                        w.person_no = h.person_no
                        and w.heard_no = h.heard_no
                        and w.offered_at < h.until
                        and w.late_at > h.loaded_at
                        and (
                            h.event_id is null
                            or (
                                (
                                    h.key_short is null
                                    or w.key_short is null
                                    or w.key_short = h.key_short
                                )
                                and {{ is_later_turn(
                                    'h.since', 'w.offer_class', 'h.signal_order'
                                ) }}
                            )
                        )
                left join offers as r
                    on w.offer_no = r.offer_no
            ) as t
            where
                (
                    t.trigger in ('move', 'horizon')
                    or t.reached_at < t.horizon_at
                )
                and (
                    t.trigger not in ('timer', 'horizon')
                    or t.reached_at <= {{ input_watermark() }}
                )
        ) as m
        group by m.entry_no
    ) as n
    inner join ordered as e
        on n.entry_no = e.entry_no
),

{#- Where each instance ends, as a turn that a later entry has to come after. The
    signal that ends one has had its turn, also where another card, which ranks it
    lower, would be entered by it. -#}
ends as {{ kept() }} (
    select
        o.lane_no,
        w.entry_no,
        w.reached_at,
        w.turn_class,
        w.signal_order,
        r.kind
    from walk as w
    inner join ordered as o
        on w.entry_no = o.entry_no
    inner join offers as r
        on w.offer_no = r.offer_no
    where w.state_no is null
),

taken as (
    select
        lane_no,
        entry_no
    from ordered
    where entry_no = lane_no

    union all

    select
        w.lane_no,
        min(o.entry_no) as entry_no
    from taken as k
    inner join ends as w
        on k.entry_no = w.entry_no
    inner join ordered as o
        on
            w.lane_no = o.lane_no
            and w.entry_no < o.entry_no
            and o.reentry <> 'never'
            and o.occurred_at
            >= {{ add_seconds('w.reached_at', 'o.cooldown_s') }}
            and (
                (
                    {{ is_later_turn(
                        'o.occurred_at', 'o.turn_class', 'o.signal_order'
                    ) }}
                    and w.signal_order <> o.signal_order
                )
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
        n.reached_at as left_at
    from walk as w
    inner join taken as k
        on w.entry_no = k.entry_no
    left join nexts as n
        on w.entry_no = n.entry_no and w.step_no = n.step_no
),

{#- What the watermark has not reached yet and would change the path when it
    does: timers and horizons that nothing known overtakes. -#}
unsettled as (
    select
        w.*,
        {{ add_seconds('w.entered_at', 'f.horizon_s') }} as horizon_at
    from followed as w
    inner join states as f
        on w.state_no = f.state_no
    where w.left_at is null or w.left_at > {{ input_watermark() }}
),

dues as (
    select
        t.entry_no,
        t.left_at,
        case when t.trigger = 'timer' then t.horizon_at end as horizon_at,
        greatest(t.offered_at, h.since) as due_at
    from (
        {{ with_offered_at(offers_of_time) }}
    ) as t
    inner join heard as h
        on
            t.person_no = h.person_no
            and t.heard_no = h.heard_no
            and t.offered_at < h.until
),

pending as (
    select
        entry_no,
        min(due_at) as next_due_at
    from dues
    where
        due_at > {{ input_watermark() }}
        and (horizon_at is null or due_at < horizon_at)
        and (left_at is null or due_at < left_at)
    group by entry_no
),

{#- What is said of each way: a hand-over has an owner. -#}
said as (
    select
        r.offer_no,
        coalesce(r.to_card_hash, r.card_hash) as card_hash,
        c.horizon_s,
        r.transition_id,
        case when r.trigger <> 'enter' then r.leaves_step end as from_step,
        r.to_step as step,
        r.kind,
        r.action,
        r.on_block,
        coalesce(
            r.owner,
            case when a.outcome in ('route', 'escalate') then a.owner end
        ) as owner,
        r.within_s,
        r.why,
        s.acts_from
    from offers as r
    inner join cards as c
        on coalesce(r.to_card_hash, r.card_hash) = c.card_hash
    left join {{ ref('stg_release__actions') }} as a
        on r.action = a.action
    left join {{ ref('stg_release__acting') }} as s
        on c.card_hash = s.card_hash
),

{#- In the order in which the history lies, before the words widen the rows. -#}
placed as (
    select
        w.step_id,
        w.offer_no,
        e.instance_id,
        e.person_id,
        e.journey,
        e.release_id,
        e.correlation_key,
        e.entry_node_id,
        e.entry_node_short,
        e.entry_event_id,
        w.entered_at,
        w.step_no,
        w.cause,
        w.reached_at,
        w.left_at is null as is_last,
        case when w.left_at is null then d.next_due_at end as next_due_at
    from followed as w
    inner join ordered as e
        on w.entry_no = e.entry_no
    left join pending as d
        on w.entry_no = d.entry_no
    order by e.entry_node_short
),

computed as {{ kept() if is_incremental() }} (
    select
        w.step_id,
        w.instance_id,
        w.person_id,
        w.journey,
        r.card_hash,
        w.release_id,
        r.acts_from,
        w.correlation_key,
        w.entry_node_id,
        w.entry_node_short,
        w.entry_event_id,
        w.entered_at,
        {{ add_seconds('w.entered_at', 'r.horizon_s') }} as horizon_at,
        w.step_no,
        r.transition_id,
        r.from_step,
        r.step,
        r.kind,
        w.cause,
        w.reached_at,
        r.action,
        r.on_block,
        r.owner,
        {{ add_seconds('w.reached_at', 'r.within_s') }} as respond_by,
        r.why,
        w.is_last,
        w.next_due_at
    from placed as w
    inner join said as r
        on w.offer_no = r.offer_no
)

{%- if is_incremental() %},

{#- The folded persons' steps of the batch before, by the node that entered; of
    the many columns of the history only what is asked of all. -#}
known as {{ kept() }} (
    select
        t.step_id,
        t.entry_node_short,
        t.person_id,
        t.first_window_id
    from {{ few_rows(
        this, 'entry_node_short', ref('int_journeys__touched'), 'node_short'
    ) }} as t
    where t.is_current
),

{#- What is not computed again stays as a tombstone: a delete that every
    incremental engine can do. -#}
gone as {{ kept() }} (
    select
        k.step_id,
        k.entry_node_short
    from known as k
    where
        not exists (
            select 1 as found
            from computed as c
            where c.step_id = k.step_id
        )
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
    t.{{ column }},
    {%- endfor %}
    false as is_current,
    t.first_window_id,
    t.person_id as prior_person_id,
    {{ window_id() }} as computed_window_id
from {{ this }} as t
inner join gone as g
    on
        t.entry_node_short = g.entry_node_short
        and t.step_id = g.step_id
where t.is_current
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
{%- endif %}
