{{ config(materialized='table', tags=['fold']) }}

{#- The identifiers of all persons that are folded in this batch: those whose
    records, guards or cards changed, and those with something due. What earlier
    batches left behind is read as a relation, not a ref. -#}
{% set steps = previous_relation('int_journeys__steps') %}
{% set candidates = previous_relation('candidates') %}

with identity_map as (
    select * from {{ ref('identity_map') }}
),

{% if steps is not none or not execute %}
rules as (
    select * from {{ ref('stg_release__rules') }}
),

spans as (
    select * from {{ ref('stg_release__card_spans') }}
),

last_steps as (
    select
        entry_node_id,
        entry_node_short,
        card_hash,
        kind,
        next_due_at
    from {{ steps }}
    where is_current and is_last
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
    where w.window_id < {{ window_id() }}
),

nodes as (
    select
        entry_node_id as node_id,
        entry_node_short as node_short
    from last_steps
    where
        next_due_at <= {{ input_watermark() }}
        or (
            kind = 'step'
            and card_hash in (select m.card_hash from moved_cards as m)
        )
    union all
    select
        g.node_id,
        g.node_short
    from {{ ref('guards') }} as g
    where {{ in_this_window('g.loaded_seq') }}
    union all
    select
        g.node_id,
        g.node_short
    from {{ ref('guards') }} as g
    where
        g.guard in (select e.guard from edge_guards as e)
        and (
            (
                g.since > (select e.watermark from earlier as e)
                and g.since <= {{ input_watermark() }}
            )
            or (
                g.until > (select e.watermark from earlier as e)
                and g.until <= {{ input_watermark() }}
            )
        )
    union all
    select
        s.node_id,
        s.node_short
    from {{ ref('signals') }} as s
    where s.signal in (select o.signal from opened as o)
    union all
    select
        g.node_id,
        g.node_short
    from {{ ref('guards') }} as g
    where g.guard in (select substr(o.signal, 8) from opened as o)
    {% if candidates is not none or not execute %}
    union all
    select
        c.entry_node_id as node_id,
        {{ short_id('c.entry_node_id') }} as node_short
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
        person_id,
        {{ short_id('person_id') }} as person_short,
        scope
    from {{ ref('touched_persons') }}
    union all
    select distinct
        m.person_id,
        m.person_short,
        'window' as scope
    from identity_map as m
    inner join nodes as n
        on m.node_short = n.node_short
    {% else %}
    select distinct
        person_id,
        person_short,
        'all' as scope
    from identity_map
    {% endif %}
),

folded as (
    select
        person_id,
        min(person_short) as person_short,
        min(scope) as scope
    from persons
    group by person_id
),

zones as (
    select
        person_id,
        timezone
    from {{ ref('customers') }}
    where {{ is_time_zone('timezone') }}
)

select
    f.person_id,
    dense_rank() over (order by f.person_id) as person_no,
    f.person_short,
    m.node_id,
    m.node_short,
    z.timezone,
    f.scope
from folded as f
left join identity_map as m
    on f.person_short = m.person_short
left join zones as z
    on f.person_id = z.person_id
