{{ config(materialized='table') }}
-- depends_on: {{ ref('observations') }}
-- depends_on: {{ ref('int_identity__overrides') }}
-- depends_on: {{ ref('int_identity__proposals') }}
-- depends_on: {{ source('control', 'this_window') }}
-- depends_on: {{ ref('int_identity__touched_nodes') }}
-- depends_on: {{ ref('stg_release__link_rules') }}
-- depends_on: {{ ref('stg_release__type_rules') }}

{#- What stood before this window of the edges that it may judge, read once for
    all that ask: those of touched identifiers, those that it tells of between
    crowded ones, and those that a release may change. -#}
{% set before = previous_relation('int_identity__edges') %}

{% if before %}
with touched as (
    select node_seq from {{ ref('int_identity__touched_nodes') }}
),

told as (
    {{ told_pairs() }}
),

among as {{ kept() }} (
    select t.pair_key
    from told as t
    left join touched as l
        on {{ low_of('t.pair_key') }} = l.node_seq
    left join touched as h
        on {{ high_of('t.pair_key') }} = h.node_seq
    where l.node_seq is null and h.node_seq is null
),

released as (
    select distinct is_changed
    from {{ ref('stg_release__link_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

changed as (
    select distinct is_changed
    from {{ ref('stg_release__type_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

found as {{ kept() }} (
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.low_seq in (select t.node_seq from touched as t)
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.high_seq in (select t.node_seq from touched as t)
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.pair_key in (select b.pair_key from among as b)
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    inner join released as r
        on
            r.is_changed = (
                e.rule in ('force', 'never')
                or coalesce(e.guard_reason = 'never_link', false)
            )
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    inner join changed as c
        on c.is_changed = (e.pair_key is not null)
)

select
    e.pair_key,
    e.low_seq,
    e.high_seq,
    e.low_type,
    e.high_type,
    e.tie_break,
    e.rule,
    e.evidence_count,
    e.confidence,
    e.first_observed_at,
    e.last_observed_at,
    e.last_loaded_seq,
    e.is_open,
    e.is_low_surplus,
    e.is_high_surplus,
    e.guard_reason,
    e.reason
from {{ before }} as e
where {{ row_place('e', 'pair_key') }} in (select f.place from found as f)
{% else %}
select
    cast(null as bigint) as pair_key,
    cast(null as bigint) as low_seq,
    cast(null as bigint) as high_seq,
    cast(null as integer) as low_type,
    cast(null as integer) as high_type,
    cast(null as bigint) as tie_break,
    cast(null as varchar) as rule,
    cast(null as bigint) as evidence_count,
    cast(null as double) as confidence,
    cast(null as timestamp) as first_observed_at,
    cast(null as timestamp) as last_observed_at,
    cast(null as bigint) as last_loaded_seq,
    cast(null as boolean) as is_open,
    cast(null as boolean) as is_low_surplus,
    cast(null as boolean) as is_high_surplus,
    cast(null as varchar) as guard_reason,
    cast(null as varchar) as reason
where false
{% endif %}
