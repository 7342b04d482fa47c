{#- Who takes part in the contest and by which rank, docs/reference/decisions.md rules 12 and
    13, and which messages of these persons fill slots and caps. Leaves `contestants` and
    `messages`. -#}
{% macro contestants() -%}
rivals as {{ kept() }} (
    select
        candidate_id,
        step_id,
        person_id,
        person_short,
        journey,
        action,
        fallback_of,
        channel,
        class,
        brand,
        conflict_group,
        coalesce(own_zone, 'UTC') as own_zone,
        value,
        priority,
        is_held_out
    from checked
    where
        early_reason is null
        and class <> 'transactional'
        and candidate_id not in (select b.candidate_id from barred as b)
    {% if is_incremental() %}
    {#- What won before and can still be called back. #}
    union all
    select
        r.candidate_id,
        r.step_id,
        r.person_id,
        r.person_short,
        r.journey,
        r.action,
        r.fallback_of,
        r.channel,
        r.class,
        r.brand,
        r.conflict_group,
        coalesce(z.timezone, 'UTC') as own_zone,
        coalesce(a.value, r.value) as value,
        coalesce(a.priority, r.priority) as priority,
        false as is_held_out
    from recent as r
    left join message_states as ms
        on r.message_id = ms.message_id
    left join actions as a
        on r.action = a.action
    left join zones as z
        on r.person_short = z.person_short
    where
        r.outcome in ('send', 'route', 'escalate')
        and r.class <> 'transactional'
        and r.expires_at > {{ batch_time() }}
        and coalesce(ms.state, 'pending') in ('pending', 'held')
    {% endif %}
),

scores as (
    select
        n.person_id,
        p.action,
        p.score,
        row_number() over (
            partition by n.person_id, p.action
            order by p.stated_at desc, p.score desc
        ) as position
    from {{ ref('propensities') }} as p
    inner join nodes as n
        on p.node_id = n.node_id
    where p.valid_until > {{ batch_time() }}
),

contexts as (
    select
        r.candidate_id,
        {{ product_of('w.weight') }} as weight
    from rivals as r
    inner join {{ ref('stg_release__context_weights') }} as w
        on
            coalesce(w.action, r.action) = r.action
            and coalesce(w.class, r.class) = r.class
    inner join standing_guards as g
        on r.person_id = g.person_id and w.guard = g.guard
    group by r.candidate_id
),

leverage as (
    select
        r.candidate_id,
        {{ product_of('l.lever') }} as lever
    from rivals as r
    inner join {{ ref('stg_release__levers') }} as l
        on case l.scope
                when 'journey' then r.journey
                when 'action' then r.action
                when 'class' then r.class
                when 'conflict_group' then r.conflict_group
            end = l.name
    group by r.candidate_id
),

contestants as {{ kept() }} (
    select
        r.*,
        coalesce(s.score, 1) as propensity,
        coalesce(c.weight, 1) as context_weight,
        coalesce(l.lever, 1) as lever,
        coalesce(s.score, 1)
        * coalesce(c.weight, 1)
        * coalesce(r.value, 1)
        * coalesce(l.lever, 1) as rank
    from rivals as r
    left join scores as s
        on
            r.person_id = s.person_id
            and r.action = s.action
            and s.position = 1
    left join contexts as c
        on r.candidate_id = c.candidate_id
    left join leverage as l
        on r.candidate_id = l.candidate_id
),

messages as {{ kept() }} (
    {% if is_incremental() %}
    select
        r.message_id,
        r.person_short,
        r.journey,
        r.channel,
        r.class,
        r.brand,
        r.conflict_group,
        ms.state in ('claimed', 'retry') as is_in_flight,
        case
            when ms.state not in ('claimed', 'retry') then ms.sent_at
        end as sent_at
    from recent as r
    inner join message_states as ms
        on r.message_id = ms.message_id
    where
        r.class <> 'transactional'
        and ms.state in (
            'claimed', 'retry', 'accepted', 'delivered', 'unknown'
        )
    {% else %}
    select
        cast(null as varchar) as message_id,
        cast(null as bigint) as person_short,
        cast(null as varchar) as journey,
        cast(null as varchar) as channel,
        cast(null as varchar) as class,
        cast(null as varchar) as brand,
        cast(null as varchar) as conflict_group,
        false as is_in_flight,
        cast(null as timestamp) as sent_at
    from rivals
    where 1 = 0
    {% endif %}
)
{%- endmacro %}
