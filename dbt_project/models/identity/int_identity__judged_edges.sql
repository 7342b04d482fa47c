{{ config(materialized='table') }}
-- depends_on: {{ ref('nodes') }}
-- depends_on: {{ source('control', 'this_window') }}
-- depends_on: {{ ref('int_identity__loosened_nodes') }}
-- depends_on: {{ ref('int_identity__touched_nodes') }}
-- depends_on: {{ ref('int_identity__standing_edges') }}
-- depends_on: {{ ref('stg_release__identity_rules') }}

{#- Edges of this window by the rules for edges: the touched ones, those of
    identifiers that became crowded or ceased to be, and those that compete with
    any of them. Only what differs from before is kept. -#}
{% set before = previous_relation('int_identity__edges') %}

{% set columns = [
    'pair_key', 'low_seq', 'high_seq', 'low_type', 'high_type', 'tie_break',
    'rule', 'evidence_count', 'confidence', 'first_observed_at',
    'last_observed_at', 'last_loaded_seq'
] %}

with touched as (
    select * from {{ ref('int_identity__touched_edges') }}
),

crowded as (
    select
        node_seq,
        is_crowded,
        changed_window_id
    from {{ ref('int_identity__crowded_nodes') }}
),

cardinality as (
    select * from {{ ref('stg_release__identity_cardinality') }}
),

{% if before %}
flipped as {{ kept() }} (
    select node_seq from crowded
    where changed_window_id = {{ window_id() }}
),

reached as (
    select node_seq from {{ ref('int_identity__touched_nodes') }}
),

around as (
    select * from {{ ref('int_identity__standing_edges') }}
),

farther as {{ kept() }} (
    select f.node_seq
    from flipped as f
    left join reached as r
        on f.node_seq = r.node_seq
    where r.node_seq is null
),

of_flipped as {{ kept() }} (
    select
        a.low_seq,
        a.high_seq,
        a.low_type,
        a.high_type
    from around as a
    where
        a.low_seq in (select f.node_seq from flipped as f)
        or a.high_seq in (select f.node_seq from flipped as f)
    union
    select
        e.low_seq,
        e.high_seq,
        e.low_type,
        e.high_type
    from {{ before }} as e
    where e.low_seq in {{ few_of('farther', 'node_seq') }}
    union
    select
        e.low_seq,
        e.high_seq,
        e.low_type,
        e.high_type
    from {{ before }} as e
    where e.high_seq in {{ few_of('farther', 'node_seq') }}
),

ends as (
    select
        low_seq as node_seq,
        low_type as type_key
    from touched
    union
    select
        high_seq as node_seq,
        high_type as type_key
    from touched
    union
    select
        low_seq as node_seq,
        low_type as type_key
    from of_flipped
    union
    select
        high_seq as node_seq,
        high_type as type_key
    from of_flipped
    union
    select
        n.node_seq,
        r.type_key
    from {{ ref('nodes') }} as n
    inner join {{ ref('int_identity__loosened_nodes') }} as l
        on n.node_seq = l.node_seq
    left join {{ ref('stg_release__identity_rules') }} as r
        on n.node_type = r.node_type
),

choosing as {{ kept() }} (
    select e.node_seq
    from ends as e
    left join crowded as c
        on e.node_seq = c.node_seq and c.is_crowded
    where
        c.node_seq is null
        and e.type_key in (select k.type_key from cardinality as k)
),

{#- Whose edges nobody has read whole yet: what flipped, and its far ends. -#}
beyond as {{ kept() }} (
    select c.node_seq
    from choosing as c
    left join reached as r
        on c.node_seq = r.node_seq
    where r.node_seq is null
    union
    select node_seq from flipped
),

found as {{ kept() }} (
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.low_seq in {{ few_of('beyond', 'node_seq') }}
    union
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.high_seq in {{ few_of('beyond', 'node_seq') }}
),

{#- What each edge was before; `is_open`: judged by fan-out and cardinality. -#}
standing as {{ kept() }} (
    select
        {%- for column in columns %}
        a.{{ column }},
        {%- endfor %}
        a.is_open,
        a.is_low_surplus,
        a.is_high_surplus,
        a.guard_reason,
        a.reason
    from around as a
    where a.is_whole
    union
    select
        {%- for column in columns %}
        e.{{ column }},
        {%- endfor %}
        e.is_open,
        e.is_low_surplus,
        e.is_high_surplus,
        e.guard_reason,
        e.reason
    from {{ before }} as e
    where {{ row_place('e', 'pair_key') }} in (
            select f.place from found as f
            where f.place is not null
        )
),

gathered as (
    select
        {%- for column in columns if column not in ('rule',) %}
        t.{{ column }},
        {%- endfor %}
        coalesce(t.rule, s.rule) as rule,
        t.reason
    from touched as t
    left join standing as s
        on t.pair_key = s.pair_key
    where t.rule is not null or t.is_known
    union all
    select
        {%- for column in columns if column not in ('rule',) %}
        s.{{ column }},
        {%- endfor %}
        s.rule,
        case when not s.is_open then s.guard_reason end as reason
    from standing as s
    left join touched as t
        on s.pair_key = t.pair_key
    where t.pair_key is null
),
{% else %}
gathered as (
    select
        {%- for column in columns %}
        t.{{ column }},
        {%- endfor %}
        t.reason
    from touched as t
    where t.rule is not null
),
{% endif %}

placed as (
    select
        g.*,
        g.reason is null and g.rule <> 'force' as is_open,
        cl.node_seq is not null or ch.node_seq is not null as is_crowded,
        g.reason is null
        and g.rule <> 'force'
        and cl.node_seq is null
        and ch.node_seq is null as is_choosable,
        kl.most as low_most,
        kh.most as high_most
    from gathered as g
    left join crowded as cl
        on g.low_seq = cl.node_seq and cl.is_crowded
    left join crowded as ch
        on g.high_seq = ch.node_seq and ch.is_crowded
    left join cardinality as kl
        on g.low_type = kl.type_key and g.high_type = kl.to_type_key
    left join cardinality as kh
        on g.high_type = kh.type_key and g.low_type = kh.to_type_key
),

{#- Each end that may have so many neighbours of a type chooses the strongest. -#}
choices as (
    select
        pair_key,
        'low' as chooser,
        low_seq as node_seq,
        high_type as to_type,
        low_most as most,
        evidence_count,
        confidence,
        first_observed_at,
        tie_break
    from placed
    where is_choosable and low_most is not null
    union all
    select
        pair_key,
        'high' as chooser,
        high_seq as node_seq,
        low_type as to_type,
        high_most as most,
        evidence_count,
        confidence,
        first_observed_at,
        tie_break
    from placed
    where is_choosable and high_most is not null
),

too_many as (
    select
        node_seq,
        to_type
    from choices
    group by node_seq, to_type
    having count(*) > min(most)
),

ranked as (
    select
        c.pair_key,
        c.chooser,
        c.most,
        row_number() over (
            partition by c.node_seq, c.to_type
            order by
                c.evidence_count desc, c.confidence desc,
                c.first_observed_at nulls last, c.tie_break, c.pair_key
        ) as place
    from choices as c
    inner join too_many as t
        on c.node_seq = t.node_seq and c.to_type = t.to_type
),

surplus as (
    select
        pair_key,
        bool_or(chooser = 'low') as is_of_low,
        bool_or(chooser = 'high') as is_of_high
    from ranked
    where place > most
    group by pair_key
),

{% if before %}
{#- An end that does not choose anew has all its edges as they were. -#}
judged as (
    select
        p.*,
        case
            when not p.is_choosable or p.low_most is null then false
            when cl.node_seq is null then coalesce(s.is_low_surplus, false)
            else coalesce(u.is_of_low, false)
        end as is_low_surplus,
        case
            when not p.is_choosable or p.high_most is null then false
            when ch.node_seq is null then coalesce(s.is_high_surplus, false)
            else coalesce(u.is_of_high, false)
        end as is_high_surplus,
        s.pair_key is not null as is_known,
        s.rule as prior_rule,
        s.low_type as prior_low_type,
        s.high_type as prior_high_type,
        s.guard_reason as prior_guard_reason,
        s.is_open as prior_is_open,
        s.reason as prior_reason,
        s.is_low_surplus as prior_low_surplus,
        s.is_high_surplus as prior_high_surplus,
        s.evidence_count as prior_evidence_count,
        s.confidence as prior_confidence,
        s.first_observed_at as prior_first_observed_at,
        s.last_observed_at as prior_last_observed_at,
        s.last_loaded_seq as prior_last_loaded_seq
    from placed as p
    left join surplus as u
        on p.pair_key = u.pair_key
    left join choosing as cl
        on p.low_seq = cl.node_seq
    left join choosing as ch
        on p.high_seq = ch.node_seq
    left join standing as s
        on p.pair_key = s.pair_key
),
{% else %}
judged as (
    select
        p.*,
        coalesce(u.is_of_low, false) as is_low_surplus,
        coalesce(u.is_of_high, false) as is_high_surplus,
        false as is_known,
        cast(null as varchar) as prior_reason,
        cast(null as varchar) as prior_guard_reason
    from placed as p
    left join surplus as u
        on p.pair_key = u.pair_key
),
{% endif %}

decided as (
    select
        *,
        case
            when reason is not null then reason
            when rule = 'force' then null
            when is_crowded then 'fanout_cap'
            when is_low_surplus or is_high_surplus then 'cardinality'
        end as guard_reason
    from judged
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    is_open,
    is_low_surplus,
    is_high_surplus,
    guard_reason,
    guard_reason is null as passes,
    is_known and prior_guard_reason is null as passed_before,
    is_known and prior_reason is null as was_accepted,
    prior_reason
from decided
{%- if before %}
where
    not is_known
    or rule <> prior_rule
    or low_type is distinct from prior_low_type
    or high_type is distinct from prior_high_type
    or is_open <> prior_is_open
    or guard_reason is distinct from prior_guard_reason
    or is_low_surplus <> prior_low_surplus
    or is_high_surplus <> prior_high_surplus
    or evidence_count <> prior_evidence_count
    or confidence <> prior_confidence
    or first_observed_at is distinct from prior_first_observed_at
    or last_observed_at is distinct from prior_last_observed_at
    or last_loaded_seq is distinct from prior_last_loaded_seq
{%- endif %}
