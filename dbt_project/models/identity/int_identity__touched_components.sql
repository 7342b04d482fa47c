{{ config(materialized='table') }}
-- depends_on: {{ source('control', 'this_window') }}
-- depends_on: {{ ref('int_identity__loosened_nodes') }}
-- depends_on: {{ ref('int_identity__overrides') }}
-- depends_on: {{ ref('stg_release__link_rules') }}
-- depends_on: {{ ref('stg_release__type_rules') }}
-- depends_on: {{ ref('stg_release__identity_rules') }}

{#- Identifiers of the components that this window touched, before any limit:
    whom passing edges join. Min-label contraction, unrolled: each level points
    every vertex to its smallest neighbour and folds the edges over. What long
    chains leave after the last level is few, and solved by all that each vertex
    reaches; it fails loudly where it is many. A component that lost an edge is
    solved anew from all that it had; others join as wholes. -#}
{% set before = previous_relation('identity_map') %}
{% set edges_before = previous_relation('int_identity__edges') %}
{% set levels = 12 %}
{% set most_left = 5000 %}
{% set unsolved = '(select count(*) from edges_' ~ levels ~ ') > ' ~ most_left %}
{% set said = 'int_identity__touched_components: not solved in ' ~ levels ~ ' levels' %}

with recursive judged as (
    select
        pair_key,
        low_seq,
        high_seq,
        passes,
        passed_before
    from {{ ref('int_identity__judged_edges') }}
),

{% if before and edges_before %}
separated as (
    select
        low_seq,
        high_seq
    from {{ ref('int_identity__overrides') }}
    where is_new
),

arrived as (
    select
        node_seq,
        node_type
    from {{ ref('nodes') }}
    where {{ in_this_window('first_loaded_seq') }}
),

{#- Components that a release may make or unmake contested. -#}
released as (
    select distinct is_changed
    from {{ ref('stg_release__link_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

limits as (
    select distinct
        r.node_type,
        r.max_per_person
    from {{ ref('stg_release__identity_rules') }} as r
    cross join {{ ref('stg_release__type_rules') }} as c
    where
        r.max_per_person is not null
        and c.known_at = {{ batch_time() }}
        and c.is_changed
),

reviewed as (
    select m.node_seq
    from {{ before }} as m
    inner join released as r
        on r.is_changed = (m.canonical_seq <> m.component_seq)
    union
    select min(m.node_seq) as node_seq
    from {{ before }} as m
    inner join limits as l
        on m.node_type = l.node_type
    group by m.component_seq, m.node_type
    having count(*) > min(l.max_per_person)
),

loosened as (
    select node_seq from {{ ref('int_identity__loosened_nodes') }}
    union
    select low_seq from judged
    where passed_before and not passes
    union
    select high_seq from judged
    where passed_before and not passes
),

asked as (
    select low_seq as node_seq from judged
    where passes or passed_before
    union
    select high_seq from judged
    where passes or passed_before
    union
    select low_seq from separated
    union
    select high_seq from separated
    union
    select node_seq from loosened
    union
    select node_seq from reviewed
    union
    select node_seq from arrived
),

found as {{ kept() }} (
    select
        m.node_seq,
        m.component_seq
    from {{ before }} as m
    where m.node_seq in {{ few_of('asked', 'node_seq') }}
),

dissolved as (
    select distinct component_seq
    from found
    where node_seq in (select l.node_seq from loosened as l)
),

touched as {{ kept() }} (
    select
        m.node_seq,
        m.node_type,
        m.component_seq,
        m.canonical_seq
    from {{ before }} as m
    where m.component_seq in {{ few_of('found', 'component_seq') }}
),

members as {{ kept() }} (
    select
        t.node_seq,
        t.node_type,
        t.component_seq as prior_component_seq,
        t.canonical_seq as prior_canonical_seq,
        case
            when d.component_seq is null then t.component_seq else t.node_seq
        end as vertex,
        d.component_seq is not null as is_loose
    from touched as t
    left join dissolved as d
        on t.component_seq = d.component_seq
    union all
    select
        a.node_seq,
        a.node_type,
        cast(null as bigint) as prior_component_seq,
        cast(null as bigint) as prior_canonical_seq,
        a.node_seq as vertex,
        false as is_loose
    from arrived as a
    left join found as f
        on a.node_seq = f.node_seq
    where f.node_seq is null
),

loose as (
    select node_seq
    from members
    where is_loose
),

kept_edges as {{ kept() }} (
    select
        {{ pair_key('e.low_seq', 'e.high_seq') }} as pair_key,
        e.low_seq,
        e.high_seq
    from {{ edges_before }} as e
    where
        e.low_seq in {{ few_of('loose', 'node_seq') }}
        and e.guard_reason is null
),

passing as (
    select
        low_seq,
        high_seq
    from judged
    where passes
    union all
    select
        k.low_seq,
        k.high_seq
    from kept_edges as k
    left join judged as j
        on k.pair_key = j.pair_key
    where j.pair_key is null
),

edges_0 as (
    select distinct
        least(a.vertex, b.vertex) as low,
        greatest(a.vertex, b.vertex) as high
    from passing as p
    inner join members as a
        on p.low_seq = a.node_seq
    inner join members as b
        on p.high_seq = b.node_seq
    where least(a.vertex, b.vertex) < greatest(a.vertex, b.vertex)
),
{% else %}
members as (
    select
        node_seq,
        node_type,
        cast(null as bigint) as prior_component_seq,
        cast(null as bigint) as prior_canonical_seq,
        node_seq as vertex
    from {{ ref('nodes') }}
),

edges_0 as (
    select
        low_seq as low,
        high_seq as high
    from judged
    where passes
),
{% endif %}

{% for level in range(1, levels + 1) %}
pointers_{{ level }} as (
    select
        high as vertex,
        min(low) as label
    from edges_{{ level - 1 }}
    group by high
),

edges_{{ level }} as {% if level == levels %}{{ kept() }} {% endif %}(
    select distinct
        least(
            coalesce(a.label, e.low), coalesce(b.label, e.high)
        ) as low,
        greatest(
            coalesce(a.label, e.low), coalesce(b.label, e.high)
        ) as high
    from edges_{{ level - 1 }} as e
    left join pointers_{{ level }} as a
        on e.low = a.vertex
    left join pointers_{{ level }} as b
        on e.high = b.vertex
    where coalesce(a.label, e.low) <> coalesce(b.label, e.high)
),
{% endfor %}

both_ways as {{ kept() }} (
    select
        low as vertex,
        high as other
    from edges_{{ levels }}
    where {{ fail_when(unsolved, said) }}
    union all
    select
        high as vertex,
        low as other
    from edges_{{ levels }}
),

reached as (
    select
        vertex,
        other
    from both_ways
    union
    select
        r.vertex,
        b.other
    from reached as r
    inner join both_ways as b
        on r.other = b.vertex
),

{#- A vertex points somewhere in each level that it had a smaller neighbour in;
    walked from the last level back, its label is final. -#}
labels_{{ levels + 1 }} as (
    select
        vertex,
        min(other) as label
    from reached
    where other < vertex
    group by vertex
),

{% for level in range(levels, 0, -1) %}
labels_{{ level }} as (
    select
        p.vertex,
        coalesce(l.label, p.label) as label
    from pointers_{{ level }} as p
    left join labels_{{ level + 1 }} as l
        on p.label = l.vertex
    union all
    select
        l.vertex,
        l.label
    from labels_{{ level + 1 }} as l
    left join pointers_{{ level }} as p
        on l.vertex = p.vertex
    where p.vertex is null
),
{% endfor %}

solved as (
    select
        m.node_seq,
        m.node_type,
        m.prior_component_seq,
        m.prior_canonical_seq,
        coalesce(l.label, m.vertex) as component_seq
    from members as m
    left join labels_1 as l
        on m.vertex = l.vertex
)

select * from solved
