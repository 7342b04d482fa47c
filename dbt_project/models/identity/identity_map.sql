{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_seq'
) }}

with resolved as (
    select
        m.node_seq,
        m.component_seq,
        coalesce(c.canonical_seq, m.component_seq) as canonical_seq,
        m.prior_component_seq,
        m.prior_canonical_seq
    from {{ ref('int_identity__touched_components') }} as m
    left join {{ ref('int_identity__clusters') }} as c
        on m.node_seq = c.node_seq
),

changed as (
    select * from resolved
    where
        prior_canonical_seq is null
        or canonical_seq <> prior_canonical_seq
        or component_seq <> prior_component_seq
),

{#- Whose identifier each was; nothing in a full build. -#}
{% if is_incremental() %}
wanted as (
    select node_seq from changed
    union
    select canonical_seq from changed
),

found as {{ kept() }} (
    select {{ row_place('t', 'node_seq') }} as place
    from {{ this }} as t
    where t.node_seq in (select w.node_seq from wanted as w)
),

standing as {{ kept() }} (
    select
        t.node_seq,
        t.node_id,
        t.node_short,
        t.node_type,
        case when t.node_seq = t.canonical_seq then t.person_id end
            as minted_person_id,
        t.person_id,
        t.prior_person_id,
        t.changed_window_id
    from {{ this }} as t
    where {{ row_place('t', 'node_seq') }} in (select f.place from found as f)
),

{#- Whom the map does not show, or not as one who has given a person its id. -#}
unnamed as {{ kept() }} (
    select w.node_seq
    from wanted as w
    left join standing as s
        on w.node_seq = s.node_seq
    where
        s.node_seq is null
        or (
            s.minted_person_id is null
            and w.node_seq in (select c.canonical_seq from changed as c)
        )
),
{% else %}
standing as {{ kept() }} (
    select
        cast(null as bigint) as node_seq,
        cast(null as varchar) as person_id,
        cast(null as varchar) as prior_person_id,
        cast(null as bigint) as changed_window_id
),
{% endif %}

named as {% if is_incremental() %}{{ kept() }}{% endif %} (
    select
        n.node_seq,
        n.node_id,
        n.node_short,
        n.node_type,
        n.minted_person_id
    from {{ ref('nodes') }} as n
    {%- if is_incremental() %}
    where n.node_seq in (select u.node_seq from unnamed as u)
    union all
    select
        s.node_seq,
        s.node_id,
        s.node_short,
        s.node_type,
        s.minted_person_id
    from standing as s
    left join unnamed as u
        on s.node_seq = u.node_seq
    where u.node_seq is null
    {%- endif %}
),

owners as (
    select
        n.node_seq,
        n.minted_person_id as person_id,
        {{ short_id('n.minted_person_id') }} as person_short
    from named as n
    where n.node_seq in (select c.canonical_seq from changed as c)
)

select
    n.node_id,
    n.node_short,
    n.node_type,
    c.node_seq,
    c.component_seq,
    c.canonical_seq,
    p.person_id,
    p.person_short,
    case
        when s.person_id = p.person_id then s.prior_person_id
        else s.person_id
    end as prior_person_id,
    case
        when s.person_id = p.person_id then s.changed_window_id
        else {{ window_id() }}
    end as changed_window_id
from changed as c
inner join named as n
    on c.node_seq = n.node_seq
inner join owners as p
    on c.canonical_seq = p.node_seq
left join standing as s
    on c.node_seq = s.node_seq
where {{ is_of_whole_graph() }}
order by person_short
