{#- What is live and should be somebody's. A blank list of groups is null.
Which sources a field is trusted with is a row of a policy, and a destination is
in no release: nobody is asked for it. -#}
with live as (
    select release_id from {{ ref('stg_release__live') }}
),

journeys as (
    select
        'journey' as kind,
        c.journey as name,
        c.owner,
        coalesce({{ json_text('c.governance', 'accountable') }}, c.owner)
            as accountable,
        coalesce({{ json_text('c.governance', 'responsible') }}, c.owner)
            as responsible,
        coalesce({{ json_text('c.governance', 'approvers') }}, c.owner)
            as approvers,
        nullif({{ json_text('c.governance', 'consulted') }}, '') as consulted,
        nullif({{ json_text('c.governance', 'informed') }}, '') as informed,
        cast({{ json_text('c.governance', 'review_every_s') }} as double)
            as review_every_s
    from {{ source('control', 'release_cards') }} as c
    inner join live as l
        on c.release_id = l.release_id
),

owners as (
    select * from {{ ref('stg_release__owners') }}
),

others as (
    select distinct
        'policy' as kind,
        p.policy as name
    from {{ source('control', 'release_policies') }} as p
    inner join live as l
        on p.release_id = l.release_id
    union all
    select distinct
        'field' as kind,
        field as name
    from {{ ref('stg_release__field_trust') }}
    union all
    select distinct
        'destination' as kind,
        destination as name
    from {{ ref('stg_release__actions') }}
    where destination is not null
)

select
    kind,
    name,
    owner,
    accountable,
    responsible,
    approvers,
    consulted,
    informed,
    review_every_s
from journeys
union all
select
    t.kind,
    t.name,
    o.owner,
    o.owner as accountable,
    o.owner as responsible,
    case t.kind
        when 'policy' then o.owner
        when 'field' then p.owner
    end as approvers,
    cast(null as varchar) as consulted,
    cast(null as varchar) as informed,
    cast(o.review_every_s as double) as review_every_s
from others as t
left join owners as o
    on t.kind = o.kind and t.name = o.name
left join owners as p
    on p.kind = 'policy' and p.name = 'field_trust'
