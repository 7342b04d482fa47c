{{ config(materialized='table') }}

{#- Contested components, taken apart: edges join clusters in their order unless
    the joined one would break a limit or hold a separated pair (what is forced
    counts as one identifier). In rounds: a cluster whose best allowed edge is
    the other's best too joins it, and one that no rule can ever refuse (without
    limited or separated identifiers) joins where its best edge leads. This is
    what taking edge after edge gives, since what is refused once stays refused. -#}
with recursive edges as {{ kept() }} (
    select
        component_seq,
        low_seq,
        high_seq,
        is_force,
        place
    from {{ ref('int_identity__contested_edges') }}
    where is_contested
),

limits as {{ kept() }} (
    select
        node_type,
        max_per_person
    from {{ ref('stg_release__identity_rules') }}
    where max_per_person is not null
),

members as {{ kept() }} (
    select
        m.node_seq,
        m.component_seq,
        l.node_type as limited_type
    from {{ ref('int_identity__touched_components') }} as m
    left join limits as l
        on m.node_type = l.node_type
    where m.component_seq in (select e.component_seq from edges as e)
),

separated as {{ kept() }} (
    select
        s.low_seq as node_seq,
        s.high_seq as other_seq
    from {{ ref('int_identity__overrides') }} as s
    inner join members as a
        on s.low_seq = a.node_seq
    inner join members as b
        on s.high_seq = b.node_seq
    where s.kind = 'never'
),

rounds as (
    select
        0 as round,
        component_seq,
        node_seq,
        limited_type,
        node_seq as cluster,
        node_seq as forced_group
    from members
    union all
    select * from (
        with state as (
            select * from rounds
        ),

        {#- One end after the other: a comparison of both would be joined by. -#}
        lows as {{ kept() }} (
            select
                e.high_seq,
                e.place,
                e.is_force,
                a.cluster
            from edges as e
            inner join state as a
                on e.low_seq = a.node_seq
        ),

        pairs as (
            select
                a.cluster as one,
                b.cluster as other,
                min(a.place) as place,
                bool_or(a.is_force) as is_force
            from lows as a
            inner join state as b
                on a.high_seq = b.node_seq
            where a.cluster <> b.cluster
            group by a.cluster, b.cluster
        ),

        contents as (
            select
                cluster,
                limited_type,
                count(distinct forced_group) as held
            from state
            where limited_type is not null
            group by cluster, limited_type
        ),

        apart as (
            select
                a.cluster as one,
                b.cluster as other
            from separated as s
            inner join state as a
                on s.node_seq = a.node_seq
            inner join state as b
                on s.other_seq = b.node_seq
        ),

        ends as (
            select
                one,
                other,
                one as cluster
            from pairs
            where not is_force
            union all
            select
                one,
                other,
                other as cluster
            from pairs
            where not is_force
        ),

        over as (
            select
                e.one,
                e.other
            from ends as e
            inner join contents as c
                on e.cluster = c.cluster
            inner join limits as l
                on c.limited_type = l.node_type
            group by e.one, e.other, c.limited_type
            having count(*) = 2 and sum(c.held) > min(l.max_per_person)
        ),

        refused as (
            select
                one,
                other
            from over
            union
            select
                one,
                other
            from apart
            union
            select
                other as one,
                one as other
            from apart
        ),

        allowed as (
            select p.*
            from pairs as p
            left join refused as r
                on p.one = r.one and p.other = r.other
            where r.one is null
        ),

        both_ways as (
            select
                one,
                other,
                place,
                is_force
            from allowed
            union all
            select
                other as one,
                one as other,
                place,
                is_force
            from allowed
        ),

        best as (
            select
                one as cluster,
                min(place) as place
            from both_ways
            group by one
        ),

        picks as (
            select
                w.one,
                w.other,
                w.is_force,
                o.place = w.place as is_mutual
            from both_ways as w
            inner join best as b
                on w.one = b.cluster and w.place = b.place
            inner join best as o
                on w.other = o.cluster
        ),

        bound as (
            select cluster from contents
            union
            select one as cluster from apart
            union
            select other as cluster from apart
        ),

        moves as (
            select
                p.one as cluster,
                p.other as target,
                p.is_force
            from picks as p
            left join bound as b
                on p.one = b.cluster
            left join bound as t
                on p.other = t.cluster
            where
                (p.is_mutual and p.one > p.other)
                or (
                    not p.is_mutual
                    and b.cluster is null
                    and t.cluster is not null
                )
        ),

        moving as (
            select distinct s.component_seq
            from moves as m
            inner join state as s
                on m.cluster = s.cluster
        )

        select
            s.round + 1 as round,
            s.component_seq,
            s.node_seq,
            s.limited_type,
            coalesce(then_to.target, to_.target, s.cluster) as cluster,
            case
                when to_.is_force then coalesce(then_to.target, to_.target)
                else s.forced_group
            end as forced_group
        from state as s
        inner join moving as g
            on s.component_seq = g.component_seq
        left join moves as to_
            on s.cluster = to_.cluster
        left join moves as then_to
            on to_.target = then_to.cluster
    ) as next_round
),

final as (
    select
        node_seq,
        arg_max(cluster, round) as cluster
    from rounds
    group by node_seq
)

select
    node_seq,
    cluster,
    min(node_seq) over (partition by cluster) as canonical_seq
from final
