{{ config(materialized='table', tags=['fold']) }}

{#- The identifiers of all persons that are folded in this batch: those whose
    records, guards or cards changed, and those with something due. What earlier
    batches left behind is read as a relation, not a ref. -#}
{% set steps = previous_relation('int_journeys__steps') %}
{% set candidates = previous_relation('candidates') %}

with {% if steps is not none or not execute %}
rules as (
    select * from {{ ref('stg_release__rules') }}
),

spans as (
    select * from {{ ref('stg_release__card_spans') }}
),

moved_cards as (
    select distinct card_hash
    from {{ ref('stg_release__card_moves') }}
    where moved_at = {{ batch_time() }}
),

{#- Journeys that got their first card: all that could have entered. -#}
opened as (
    select r.signal
    from rules as r
    inner join spans as s
        on r.card_hash = s.card_hash
    inner join {{ ref('stg_release__moments') }} as m
        on s.release_id = m.standing_release_id
    where
        r.kind = 'enter'
        and s.from_at = {{ beginning_of_time() }}
        and m.is_live
    group by r.card_hash, r.signal
    having min(m.known_at) = {{ batch_time() }}
),

edge_guards as (
    select distinct substr(signal, 8) as guard
    from rules
    where signal like 'enters %' or signal like 'leaves %'
),

earlier as (
    select coalesce(max(w.watermark), {{ beginning_of_time() }}) as watermark
    from {{ source('control', 'windows') }} as w
    where w.window_id = {{ window_id() }} - 1
),

nodes as (
    select s.entry_node_short as node_short
    from {{ steps }} as s
    where s.is_current and s.is_last and s.next_due_at <= {{ input_watermark() }}
    union all
    select s.entry_node_short as node_short
    from {{ steps }} as s
    inner join moved_cards as m
        on s.card_hash = m.card_hash
    where s.is_current and s.is_last and s.kind = 'step'
    union all
    select s.node_short
    from {{ ref('signals') }} as s
    where {{ in_this_window('s.loaded_seq') }}
    union all
    select g.node_short
    from {{ ref('guards') }} as g
    where {{ in_this_window('g.loaded_seq') }}
    union all
    select g.node_short
    from {{ ref('guards') }} as g
    where
        g.since > (select w.watermark from earlier as w)
        and g.since <= {{ input_watermark() }}
        and g.guard in (select e.guard from edge_guards as e)
    union all
    select g.node_short
    from {{ ref('guards') }} as g
    where
        g.until > (select w.watermark from earlier as w)
        and g.until <= {{ input_watermark() }}
        and g.guard in (select e.guard from edge_guards as e)
    union all
    select s.node_short
    from {{ ref('signals') }} as s
    inner join opened as o
        on s.signal = o.signal
    union all
    select g.node_short
    from {{ ref('guards') }} as g
    inner join opened as o
        on substr(o.signal, 8) = g.guard
    {% if candidates is not none or not execute %}
    union all
    select {{ short_id('c.entry_node_id') }} as node_short
    from {{ candidates }} as c
    where
        c.on_block is not null
        and c.evaluated_window_id = {{ window_id() }} - 1
    {% endif %}
),
{% endif %}

persons as (
    {% if steps is not none or not execute %}
    select
        {{ short_id('person_id') }} as person_short,
        scope
    from {{ ref('touched_persons') }}
    union all
    select
        m.person_short,
        'window' as scope
    from {{ ref('identity_map') }} as m
    inner join (select distinct node_short from nodes) as n
        on m.node_short = n.node_short
    {% else %}
    select
        person_short,
        'all' as scope
    from {{ ref('identity_map') }}
    {% endif %}
),

folded as (
    select
        person_short,
        min(scope) as scope
    from persons
    group by person_short
),

zones as (
    select
        person_id,
        timezone
    from {{ ref('customers') }}
    where {{ is_time_zone('timezone') }}
)

select
    m.person_id,
    dense_rank() over (order by m.person_id) as person_no,
    m.person_short,
    m.node_id,
    m.node_short,
    z.timezone,
    f.scope
from folded as f
inner join {{ ref('identity_map') }} as m
    on f.person_short = m.person_short
left join zones as z
    on m.person_id = z.person_id
