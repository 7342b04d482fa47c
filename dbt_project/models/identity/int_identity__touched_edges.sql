{{ config(materialized='table') }}
-- depends_on: {{ ref('int_identity__standing_edges') }}

{#- Pairs of which this window learnt something, with all that shows them: those
    of identifiers that a release blocks or frees, those that it decided about
    or did before; every pair when the rules of types have changed, and in a
    full build. Records of earlier windows are read only where this one may bring
    another version of one that an edge has counted: a pair without an edge has
    none, what is not seen anew has the evidence it had, and records that come
    once add to it. -#}
{% set before = previous_relation('int_identity__edges') %}

with rules as (
    select * from {{ ref('stg_release__identity_rules') }}
),

overrides as (
    select * from {{ ref('int_identity__overrides') }}
),

proposals as (
    select * from {{ ref('int_identity__proposals') }}
),

blocked as (
    select node_seq
    from {{ ref('int_identity__blocked_nodes') }}
    where is_blocked
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

{% if before %}
flipped as {{ kept() }} (
    select b.node_seq
    from {{ ref('int_identity__blocked_nodes') }} as b
    cross join released
    where b.changed_window_id = {{ window_id() }}
),

arrived as {{ kept() }} (
    select
        pair_key,
        record_short,
        observed_at,
        loaded_seq,
        source_model in {{ loaded_once() }} as comes_once
    from {{ ref('observations') }}
    where {{ in_this_window('loaded_seq') }} and pair_key is not null
),

standing as (
    select * from {{ ref('int_identity__standing_edges') }}
),

touched as {{ kept() }} (
    {{ told_pairs() }}
    union
    select s.pair_key
    from standing as s
    where
        s.low_seq in (select f.node_seq from flipped as f)
        or s.high_seq in (select f.node_seq from flipped as f)
    union
    select s.pair_key
    from standing as s
    inner join released as r
        on
            r.is_changed = (
                s.rule in ('force', 'never')
                or coalesce(s.guard_reason = 'never_link', false)
            )
    union
    select s.pair_key
    from standing as s
    cross join changed
),

known as {{ kept() }} (
    select
        s.pair_key,
        s.evidence_count,
        s.first_observed_at,
        s.last_observed_at,
        s.last_loaded_seq
    from standing as s
    where s.pair_key in (select t.pair_key from touched as t)
),

{#- Counted anew with all their records: those that this window may bring once
    more, and what has been counted with this window already. -#}
told_again as {{ kept() }} (
    select k.pair_key
    from known as k
    inner join arrived as a
        on k.pair_key = a.pair_key
    group by k.pair_key
    having
        not bool_and(a.comes_once)
        or bool_or({{ in_this_window('k.last_loaded_seq') }})
),

seen as (
    select
        o.pair_key,
        o.record_short,
        o.observed_at,
        o.loaded_seq
    from {{ ref('observations') }} as o
    where o.pair_key in {{ few_of('told_again', 'pair_key') }}
    union all
    select
        a.pair_key,
        a.record_short,
        a.observed_at,
        a.loaded_seq
    from arrived as a
    left join told_again as t
        on a.pair_key = t.pair_key
    where t.pair_key is null
),
{% else %}
seen as {{ inlined() }} (
    select
        pair_key,
        record_short,
        observed_at,
        loaded_seq
    from {{ ref('observations') }}
    where pair_key is not null
),
{% endif %}

{#- Whatever its versions, a record is evidence once. Where rows set as many bits
    as they are, each is a record of its own; others are counted by record. -#}
shown as {{ kept() }} (
    select
        pair_key,
        count(*) as row_count,
        bit_count(bit_or({{ one_bit_of('record_short') }})) as bits,
        min(observed_at) as first_observed_at,
        max(observed_at) as last_observed_at,
        max(loaded_seq) as last_loaded_seq
    from seen
    group by pair_key
),

recounted as (
    select
        d.pair_key,
        count(*) as evidence_count
    from (
        select
            s.pair_key,
            s.record_short
        from seen as s
        where
            s.pair_key in (
                select h.pair_key from shown as h
                where h.bits < h.row_count
            )
        group by s.pair_key, s.record_short
    ) as d
    group by d.pair_key
),

counted as (
    select
        s.pair_key,
        coalesce(r.evidence_count, s.row_count) as evidence_count,
        s.first_observed_at,
        s.last_observed_at,
        s.last_loaded_seq
    from shown as s
    left join recounted as r
        on s.pair_key = r.pair_key
),

{% if before %}
{#- With what each edge had, where that has not been counted anew. -#}
of_both as (
    select * from counted
    union all
    select
        k.pair_key,
        k.evidence_count,
        k.first_observed_at,
        k.last_observed_at,
        k.last_loaded_seq
    from known as k
    left join told_again as t
        on k.pair_key = t.pair_key
    where k.evidence_count > 0 and t.pair_key is null
),

records as (
    select
        pair_key,
        cast(sum(evidence_count) as bigint) as evidence_count,
        min(first_observed_at) as first_observed_at,
        max(last_observed_at) as last_observed_at,
        max(last_loaded_seq) as last_loaded_seq
    from of_both
    group by pair_key
),
{% else %}
records as (
    select * from counted
),
{% endif %}

{#- Without a record: decided about, or proposed. -#}
unseen as (
    {%- if before %}
    select pair_key from touched
    {%- else %}
    select pair_key from overrides
    union
    select pair_key from proposals
    {%- endif %}
),

facts as (
    select * from records
    union all
    select
        u.pair_key,
        0 as evidence_count,
        cast(null as timestamp) as first_observed_at,
        cast(null as timestamp) as last_observed_at,
        cast(null as bigint) as last_loaded_seq
    from unseen as u
    left join records as r
        on u.pair_key = r.pair_key
    where r.pair_key is null
),

pairs as (
    select
        r.pair_key,
        {{ low_of('r.pair_key') }} as low_seq,
        {{ high_of('r.pair_key') }} as high_seq,
        o.kind as override,
        case
            when o.kind = 'force' then 'force'
            when r.evidence_count > 0 then 'same_record'
            when p.confidence > 0 then 'probabilistic'
            when o.kind = 'never' then 'never'
        end as rule,
        r.evidence_count,
        p.confidence as proposed_confidence,
        coalesce(
            r.first_observed_at, p.proposed_at, o.decided_at
        ) as first_observed_at,
        coalesce(
            r.last_observed_at, p.proposed_at, o.decided_at
        ) as last_observed_at,
        coalesce(
            r.last_loaded_seq, p.loaded_seq, o.loaded_seq
        ) as last_loaded_seq
    from facts as r
    left join overrides as o
        on r.pair_key = o.pair_key
    left join proposals as p
        on r.pair_key = p.pair_key
),

{% if before %}
wanted as (
    select {{ low_of('pair_key') }} as node_seq from touched
    union
    select {{ high_of('pair_key') }} as node_seq from touched
),

told as {{ kept() }} (
    select distinct
        node_seq,
        {{ short_id('node_id') }} as node_short,
        node_type
    from {{ ref('observations') }}
    where {{ in_this_window('loaded_seq') }}
),

untold as {{ kept() }} (
    select b.node_seq
    from wanted as b
    left join told as t
        on b.node_seq = t.node_seq
    where t.node_seq is null
),
{% endif %}

named as {% if before %}{{ kept() }}{% endif %} (
    select
        n.node_seq,
        n.node_short,
        n.node_type
    from {{ ref('nodes') }} as n
    {%- if before %}
    where n.node_seq in {{ few_of('untold', 'node_seq') }}
    union all
    select * from told
    {%- endif %}
),

ends as (
    select
        n.node_seq,
        n.node_short,
        r.type_key,
        coalesce(r.links, false) as links,
        coalesce(r.confidence, 0) as confidence,
        b.node_seq is not null as is_blocked
    from named as n
    left join rules as r
        on n.node_type = r.node_type
    left join blocked as b
        on n.node_seq = b.node_seq
)

select
    p.pair_key,
    p.low_seq,
    p.high_seq,
    low.type_key as low_type,
    high.type_key as high_type,
    low.node_short + high.node_short as tie_break,
    p.rule,
    p.evidence_count,
    case p.rule
        when 'force' then 1
        when 'same_record' then least(low.confidence, high.confidence)
        when 'probabilistic' then p.proposed_confidence
        else 0
    end as confidence,
    case
        when p.rule = 'force' then null
        when p.rule is null then 'withdrawn'
        when low.is_blocked or high.is_blocked then 'blocked_value'
        when not (low.links and high.links) then 'type_does_not_link'
        when p.override = 'never' then 'never_link'
    end as reason,
    p.first_observed_at,
    p.last_observed_at,
    p.last_loaded_seq,
    {{ 'k.pair_key is not null' if before else 'false' }} as is_known
from pairs as p
inner join ends as low
    on p.low_seq = low.node_seq
inner join ends as high
    on p.high_seq = high.node_seq
{%- if before %}
left join known as k
    on p.pair_key = k.pair_key
{%- endif %}
