{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

with moved as (
    select
        node_seq,
        canonical_seq,
        prior_person_id as from_person_id,
        person_id as to_person_id,
        changed_window_id as window_id
    from {{ ref('identity_map') }}
    where
        prior_person_id is not null
        and prior_person_id <> person_id
        and changed_window_id = {{ window_id() }}
),

members as {{ inlined() }} (
    select * from {{ ref('int_identity__touched_components') }}
),

overrides as (
    select * from {{ ref('int_identity__overrides') }}
),

{#- The identifier that gave the person its id, and where it is now. -#}
placed as (
    select
        v.node_seq,
        v.canonical_seq,
        v.from_person_id,
        v.to_person_id,
        v.window_id,
        m.prior_canonical_seq,
        coalesce(g.canonical_seq, m.prior_canonical_seq) = v.canonical_seq
            as is_merge
    from moved as v
    inner join members as m
        on v.node_seq = m.node_seq
    left join moved as g
        on m.prior_canonical_seq = g.node_seq
),

{#- The edge that joined what moved to others, or was refused within. -#}
turned as (
    {%- for end in ['low_seq', 'high_seq'] %}
    select
        pair_key,
        low_seq,
        high_seq,
        rule,
        confidence,
        evidence_count,
        tie_break,
        reason,
        reason is null as is_accepted
    from {{ ref('int_identity__edges') }}
    where
        changed_window_id = {{ window_id() }}
        and was_accepted <> (reason is null)
        and {{ end }} in {{ few_of('moved', 'node_seq') }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

causes as (
    select
        p.from_person_id,
        p.to_person_id,
        t.*,
        row_number() over (
            partition by p.from_person_id, p.to_person_id
            order by
                t.rule <> 'force', t.rule <> 'same_record', t.confidence desc,
                t.evidence_count desc, t.tie_break, t.pair_key
        ) as place
    from placed as p
    inner join (
        select
            low_seq as node_seq,
            high_seq as other_seq,
            *
        from turned
        union all
        select
            high_seq as node_seq,
            low_seq as other_seq,
            *
        from turned
    ) as t
        on p.node_seq = t.node_seq and p.is_merge = t.is_accepted
    left join members as o
        on t.other_seq = o.node_seq
    left join placed as q
        on t.other_seq = q.node_seq
    where
        (
            p.is_merge
            and o.prior_canonical_seq is distinct from p.prior_canonical_seq
        )
        or (
            not p.is_merge
            and o.prior_canonical_seq = p.prior_canonical_seq
            and coalesce(q.canonical_seq, o.prior_canonical_seq)
            <> p.canonical_seq
        )
),

{#- Who had a person kept apart from others. -#}
separations as (
    select
        m.canonical_seq,
        min(o.decided_by) as decided_by
    from (
        select
            low_seq as node_seq,
            decided_by
        from overrides
        where kind = 'never'
        union all
        select
            high_seq as node_seq,
            decided_by
        from overrides
        where kind = 'never'
    ) as o
    inner join {{ ref('identity_map') }} as m
        on o.node_seq = m.node_seq
    group by m.canonical_seq
),

turns as (
    select distinct
        case when p.is_merge then 'merge' else 'split' end as kind,
        p.from_person_id,
        p.to_person_id,
        p.window_id,
        p.canonical_seq
    from placed as p
),

explained as (
    select
        t.kind,
        t.from_person_id,
        t.to_person_id,
        t.window_id,
        c.low_seq,
        c.high_seq,
        c.rule,
        c.confidence,
        coalesce(c.reason, o.reason) as reason,
        coalesce(o.decided_by, s.decided_by) as decided_by
    from turns as t
    left join causes as c
        on
            t.from_person_id = c.from_person_id
            and t.to_person_id = c.to_person_id
            and c.place = 1
    left join overrides as o
        on
            c.pair_key = o.pair_key
            and (c.rule = 'force' or c.reason = 'never_link')
    left join separations as s
        on
            c.reason = 'never_link'
            and t.canonical_seq = s.canonical_seq
),

decided as (
    select
        o.kind as rule,
        a.person_id as from_person_id,
        b.person_id as to_person_id,
        o.low_seq,
        o.high_seq,
        o.reason,
        o.decided_by,
        o.decided_at,
        o.pair_key
    from overrides as o
    inner join {{ ref('identity_map') }} as a
        on o.low_seq = a.node_seq
    inner join {{ ref('identity_map') }} as b
        on o.high_seq = b.node_seq
    where o.is_new
),

erased as (
    select
        subject_id as from_person_id,
        min(erased_at) as erased_at
    from {{ ref('stg_journal__erasures') }}
    where kind = 'person' and {{ in_this_window() }}
    group by subject_id
),

rows_ as {{ kept() }} (
    select
        {{ baton_id('identity_change', [
            "'turn'", 'from_person_id', 'to_person_id', 'window_id'
        ]) }} as change_id,
        kind,
        from_person_id,
        to_person_id,
        low_seq,
        high_seq,
        rule,
        confidence,
        reason,
        decided_by,
        window_id,
        {{ batch_time() }} as changed_at
    from explained
    union all
    select
        {{ baton_id('identity_change', [
            "'override'", 'rule', 'low_seq', 'high_seq', 'decided_by',
            epoch_microseconds('decided_at')
        ]) }} as change_id,
        'override' as kind,
        from_person_id,
        to_person_id,
        low_seq,
        high_seq,
        rule,
        cast(1 as double) as confidence,
        reason,
        decided_by,
        {{ window_id() }} as window_id,
        coalesce(decided_at, {{ batch_time() }}) as changed_at
    from decided
    union all
    select
        {{ baton_id('identity_change', [
            "'erase'", 'from_person_id', 'erased_at'
        ]) }} as change_id,
        'erase' as kind,
        from_person_id,
        cast(null as varchar) as to_person_id,
        cast(null as bigint) as low_seq,
        cast(null as bigint) as high_seq,
        cast(null as varchar) as rule,
        cast(null as double) as confidence,
        cast(null as varchar) as reason,
        cast(null as varchar) as decided_by,
        {{ window_id() }} as window_id,
        erased_at as changed_at
    from erased
),

ends as (
    select low_seq as node_seq from rows_
    union all
    select high_seq as node_seq from rows_
),

named as (
    select
        n.node_seq,
        n.node_id
    from {{ ref('nodes') }} as n
    where n.node_seq in {{ few_of('ends', 'node_seq') }}
)

select
    r.change_id,
    r.kind,
    r.from_person_id,
    r.to_person_id,
    case
        when l.node_id is not null
            then {{ baton_id('edge', [
                'least(l.node_id, h.node_id)', 'greatest(l.node_id, h.node_id)'
            ]) }}
    end as edge_id,
    r.rule,
    r.confidence,
    r.reason,
    r.decided_by,
    r.window_id,
    r.changed_at
from rows_ as r
left join named as l
    on r.low_seq = l.node_seq
left join named as h
    on r.high_seq = h.node_seq
{% if is_incremental() %}
{#- A decision may be told again by a later release; all else is of its window. -#}
where
    r.change_id not in (
        select t.change_id
        from {{ this }} as t
        where t.window_id = {{ window_id() }}
        union all
        select t.change_id
        from {{ this }} as t
        where
            t.change_id in (
                select o.change_id from rows_ as o
                where o.kind = 'override'
            )
    )
{% endif %}
