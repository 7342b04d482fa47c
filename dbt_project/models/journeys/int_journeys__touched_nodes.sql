{{ config(materialized='table', tags=['fold']) }}

{#- A table of its own, since the engine must see that they are few: joined as they
    are found, it expects millions and builds its hash table on all identifiers.
    What earlier batches left behind is read as a relation, not a ref. -#}
{% set steps = previous_relation('int_journeys__steps') %}
{% set candidates = previous_relation('candidates') %}

{% if steps is not none or not execute %}
with
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

found as (
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
)

select distinct node_short from found
{% else %}
select cast(null as bigint) as node_short
where false
{% endif %}
