{{ config(materialized='view', tags=['view']) }}

{#- The context of each person whose hand-overs, or what is told with them, this
    window changed: of the latest hand-over that stands, or to be blanked. A
    hand-over stands for 30 days; the batch that ends them looks at it once more. -#}
with earlier as (
    select coalesce(max(w.batch_time), {{ beginning_of_time() }}) as batch_time
    from {{ source('control', 'windows') }} as w
    where w.window_id = {{ window_id() }} - 1
),

{#- Few of a long history: apart, so that the planner bounds them first. -#}
evaluated as {{ kept() }} (
    select c.entry_node_short
    from {{ ref('candidates') }} as c
    where c.evaluated_window_id = {{ window_id() }}
),

moved as {{ kept() }} (
    select
        node_short,
        person_id,
        prior_person_id
    from {{ ref('identity_map') }}
    where
        changed_window_id = {{ window_id() }}
        and prior_person_id is not null
),

changed_persons as (
    select person_id from {{ ref('touched_persons') }}
    union
    select person_id from {{ ref('int_journeys__touched') }}
    union
    select m.person_id
    from evaluated as c
    inner join {{ identifiers('node_short', 'evaluated', 'entry_node_short') }} as m
        on c.entry_node_short = m.node_short
    union
    select prior_person_id from moved
    union
    select m.person_id
    from {{ ref('outbox') }} as o
    inner join {{ ref('identity_map') }} as m
        on o.entry_node_id = m.node_id
    where
        o.decided_at <= {{ batch_time() }} - interval '30 days'
        and o.decided_at
        > (select e.batch_time - interval '30 days' from earlier as e)
),

{{ contexts_of('changed_persons', 60) }},

judged as {{ kept() }} (
    select
        *,
        not is_superseded
        and handed_at > {{ batch_time() }} - interval '30 days'
        and (state <> 'cancelled' or accepted_at is not null) as stands
    from contexts
),

{#- By few columns: to sort all would cost more than to find them again. -#}
latest as (
    select
        person_id,
        handoff_id,
        row_number() over (
            partition by person_id
            order by stands desc, handed_at desc, handoff_id
        ) as place
    from judged
),

names as (
    select
        m.person_id,
        {{ json_list({
            'node_id': 'n.node_id', 'kind': 'n.node_type', 'value': 'n.node_value'
        }, 'n.node_seq') }} as known_as
    from nodes_of as m
    inner join {{ ref('nodes') }} as n
        on m.node_seq = n.node_seq
    where n.node_seq in {{ few_of('nodes_of', 'node_seq') }}
    group by m.person_id
),

{#- Whom an identifier of theirs has left in this window, and who has no hand-over
    of their own now. -#}
gone as (
    select distinct m.prior_person_id as person_id
    from moved as m
    inner join nodes_of as n
        on m.node_short = n.node_short
    where
        m.prior_person_id <> m.person_id
        and m.prior_person_id not in (select h.person_id from handed as h)
),

persons as (
    select person_id from latest
    union
    select person_id from gone
)

select
    {{ all_but('l', ['person_id', 'stands']) }},
    p.person_id,
    coalesce(l.stands, false) as stands,
    n.known_as
from persons as p
left join latest as f
    on p.person_id = f.person_id and f.place = 1
left join judged as l
    on f.handoff_id = l.handoff_id
left join names as n
    on p.person_id = n.person_id
