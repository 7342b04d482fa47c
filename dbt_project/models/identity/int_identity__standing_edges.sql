{{ config(materialized='table') }}
-- depends_on: {{ ref('observations') }}
-- depends_on: {{ ref('int_identity__overrides') }}
-- depends_on: {{ ref('int_identity__proposals') }}
-- depends_on: {{ source('control', 'this_window') }}
-- depends_on: {{ ref('int_identity__touched_nodes') }}
-- depends_on: {{ ref('int_identity__blocked_nodes') }}
-- depends_on: {{ ref('stg_release__identity_cardinality') }}
-- depends_on: {{ ref('stg_release__link_rules') }}
-- depends_on: {{ ref('stg_release__type_rules') }}

{#- What stood before this window of the edges that it may judge, read once for
    all that ask: those of touched identifiers, those that it tells of between
    crowded ones, and those that a release may change. With all columns only
    where the verdict may be another: where the window tells of the edge, a
    release blocks or frees an end, or a touched end chooses. -#}
{% set before = previous_relation('int_identity__edges') %}

{% set ends = {
    'pair_key': 'bigint', 'low_seq': 'bigint', 'high_seq': 'bigint',
    'low_type': 'integer', 'high_type': 'integer', 'is_open': 'boolean'
} %}
{% set facts = {
    'tie_break': 'bigint', 'rule': 'varchar', 'evidence_count': 'bigint',
    'confidence': 'double', 'first_observed_at': 'timestamp',
    'last_observed_at': 'timestamp', 'last_loaded_seq': 'bigint',
    'is_low_surplus': 'boolean', 'is_high_surplus': 'boolean',
    'guard_reason': 'varchar', 'reason': 'varchar'
} %}

{% if before %}
with touched as (
    select node_seq from {{ ref('int_identity__touched_nodes') }}
),

told as {{ kept() }} (
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

flipped as (
    select b.node_seq
    from {{ ref('int_identity__blocked_nodes') }} as b
    cross join released
    where b.changed_window_id = {{ window_id() }}
),

chosen as (
    select
        type_key,
        to_type_key
    from {{ ref('stg_release__identity_cardinality') }}
),

around as {{ kept() }} (
    {%- for end in ['low_seq', 'high_seq'] %}
    select
        {{ pair_key('e.low_seq', 'e.high_seq') }} as pair_key,
        {%- for column in ends if column not in ('pair_key',) %}
        e.{{ column }},
        {%- endfor %}
        {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.{{ end }} in {{ few_of('touched', 'node_seq') }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

found as {{ kept() }} (
    select a.place
    from around as a
    where a.pair_key in (select t.pair_key from told as t)
    union
    select a.place
    from around as a
    where
        a.low_seq in (select f.node_seq from flipped as f)
        or a.high_seq in (select f.node_seq from flipped as f)
    union
    select a.place
    from around as a
    inner join chosen as c
        on a.low_type = c.type_key and a.high_type = c.to_type_key
    where a.is_open and a.low_seq in (select t.node_seq from touched as t)
    union
    select a.place
    from around as a
    inner join chosen as c
        on a.high_type = c.type_key and a.low_type = c.to_type_key
    where a.is_open and a.high_seq in (select t.node_seq from touched as t)
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.pair_key in {{ few_of('among', 'pair_key') }}
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    cross join released
    where e.rule in ('force', 'never')
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    cross join released
    where e.guard_reason = 'never_link'
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    inner join changed as c
        on c.is_changed = (e.pair_key is not null)
)

select
    {%- for column in ends %}
    e.{{ column }},
    {%- endfor %}
    {%- for column in facts %}
    e.{{ column }},
    {%- endfor %}
    true as is_whole
from {{ before }} as e
where {{ row_place('e', 'pair_key') }} in (
        select f.place from found as f
        where f.place is not null
    )
union all
select
    {%- for column in ends %}
    a.{{ column }},
    {%- endfor %}
    {%- for column, kind in facts.items() %}
    cast(null as {{ kind }}) as {{ column }},
    {%- endfor %}
    false as is_whole
from around as a
left join found as f
    on a.place = f.place
where f.place is null
{% else %}
select
    {%- for column, kind in ends.items() %}
    cast(null as {{ kind }}) as {{ column }},
    {%- endfor %}
    {%- for column, kind in facts.items() %}
    cast(null as {{ kind }}) as {{ column }},
    {%- endfor %}
    cast(null as boolean) as is_whole
where false
{% endif %}
