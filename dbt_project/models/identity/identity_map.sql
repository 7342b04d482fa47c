{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_id'
) }}

{#- Min-label contraction, unrolled: each level points every cluster to its
    smallest neighbour and folds the edges over; it fails loudly when the last
    level still holds edges. Twelve levels solve components of 5M edges. -#}
{% set levels = 12 %}

with nodes as (
    select * from {{ ref('nodes') }}
),

{% if is_incremental() %}
mapped as (
    select t.* from {{ this }} as t
),
{% endif %}

changed as (
    select
        node_a_id,
        node_b_id
    from {{ ref('edges') }}
    where
        status = 'accepted'
        and {{ in_window('last_loaded_seq') }}
),

ends as (
    select node_a_id as node_id from changed
    union
    select node_b_id from changed
),

clusters as (
    select
        e.node_id,
        {% if is_incremental() %}
        coalesce(m.canonical_seq, n.node_seq) as cluster
        {% else %}
        n.node_seq as cluster
        {% endif %}
    from ends as e
    inner join nodes as n
        on e.node_id = n.node_id
    {% if is_incremental() %}
    left join mapped as m
        on e.node_id = m.node_id
    {% endif %}
),

edges_0 as (
    select distinct
        least(a.cluster, b.cluster) as low,
        greatest(a.cluster, b.cluster) as high
    from changed as c
    inner join clusters as a
        on c.node_a_id = a.node_id
    inner join clusters as b
        on c.node_b_id = b.node_id
    where a.cluster <> b.cluster
),

labels_0 as (
    select
        low as cluster,
        low as label
    from edges_0
    union
    select
        high as cluster,
        high as label
    from edges_0
),

{% for level in range(1, levels + 1) %}
pointers_{{ level }} as (
    select
        high as cluster,
        min(low) as label
    from edges_{{ level - 1 }}
    group by high
),

edges_{{ level }} as (
    select distinct
        least(
            coalesce(a.label, e.low), coalesce(b.label, e.high)
        ) as low,
        greatest(
            coalesce(a.label, e.low), coalesce(b.label, e.high)
        ) as high
    from edges_{{ level - 1 }} as e
    left join pointers_{{ level }} as a
        on e.low = a.cluster
    left join pointers_{{ level }} as b
        on e.high = b.cluster
    where coalesce(a.label, e.low) <> coalesce(b.label, e.high)
),

labels_{{ level }} as (
    select
        l.cluster,
        coalesce(p.label, l.label) as label
    from labels_{{ level - 1 }} as l
    left join pointers_{{ level }} as p
        on l.label = p.cluster
),
{% endfor %}

relabelled as (
    select
        cluster,
        label
    from labels_{{ levels }}
    where
        {{ fail_when(
            '(select count(*) from edges_' ~ levels ~ ') > 0',
            'identity_map: components not solved in ' ~ levels ~ ' levels'
        ) }}
),

affected as (
    select
        n.node_id,
        n.node_type,
        n.node_seq,
        n.node_seq as cluster,
        cast(null as varchar) as prior_person_id
    from nodes as n
    {% if is_incremental() %}
    left join mapped as m
        on n.node_id = m.node_id
    where {{ in_window('n.first_loaded_seq') }} and m.node_id is null
    union all
    select
        m.node_id,
        m.node_type,
        m.node_seq,
        m.canonical_seq as cluster,
        m.person_id as prior_person_id
    from mapped as m
    where
        m.canonical_seq in (
            select r.cluster from relabelled as r
            where r.cluster <> r.label
        )
    {% endif %}
),

resolved as (
    select
        a.*,
        coalesce(r.label, a.cluster) as canonical_seq
    from affected as a
    left join relabelled as r
        on a.cluster = r.cluster
)

select
    r.node_id,
    {{ short_id('r.node_id') }} as node_short,
    r.node_type,
    r.node_seq,
    r.canonical_seq,
    c.minted_person_id as person_id,
    {{ short_id('c.minted_person_id') }} as person_short,
    r.prior_person_id,
    {{ window_id() }} as changed_window_id
from resolved as r
inner join nodes as c
    on r.canonical_seq = c.node_seq
{%- if not is_incremental() %}
order by person_short
{%- endif %}
