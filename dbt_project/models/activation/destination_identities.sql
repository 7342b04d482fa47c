{{ config(materialized='view', tags=['view']) }}

{#- Syncs of one tool share what it calls their rows. -#}
with named as (
    select
        destination,
        row_key,
        external_id,
        occurred_at,
        row_number() over (
            partition by destination, row_key order by seq desc
        ) as recency
    from {{ ref('stg_journal__sync_outcomes') }}
    where external_id is not null
)

select
    n.destination,
    n.row_key,
    a.person_id,
    n.external_id,
    n.occurred_at as learned_at
from named as n
left join {{ ref('identity_aliases') }} as a
    on n.row_key = a.alias_id
where n.recency = 1
