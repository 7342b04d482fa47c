{#- Hand-overs are listed where neither the card nor the action says who takes them. -#}
with live as (
    select release_id from {{ ref('stg_release__live') }}
),

trusted as (
    select distinct field from {{ ref('stg_release__field_trust') }}
),

offered as (
    select distinct field from {{ ref('stg_field_values') }}
)

select
    kind,
    name,
    'owner' as lacks
from {{ ref('ops_owners') }}
where owner is null
union all
select distinct
    'hand_over' as kind,
    r.journey || '.' || r.action as name,
    'owner' as lacks
from {{ source('control', 'release_rules') }} as r
inner join live as l
    on r.release_id = l.release_id
inner join {{ ref('stg_release__actions') }} as a
    on r.action = a.action
where a.outcome in ('route', 'escalate') and coalesce(r.owner, a.owner) is null
union all
select
    'field' as kind,
    o.field as name,
    'trusted_source' as lacks
from offered as o
left join trusted as t
    on o.field = t.field
where t.field is null
