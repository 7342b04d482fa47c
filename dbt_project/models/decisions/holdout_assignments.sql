{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

{#- Frozen when a person first has something to be decided that a holdout covers:
    whatever its share becomes, they keep their arm. -#}
with touched as (
    select distinct
        node_id,
        node_seq,
        person_id
    from {{ ref('int_journeys__touched') }}
),

holdouts as (
    select * from {{ ref('stg_release__holdouts') }}
),

{#- Few of a long history: apart, so that the planner bounds them first. -#}
stepped as {{ kept() if is_incremental() }} (
    select distinct
        s.person_id,
        s.journey
    from {{ ref('int_journeys__steps') }} as s
    where
        s.is_current
        and s.computed_window_id = {{ window_id() }}
        and s.action is not null
),

covered as (
    select distinct
        s.person_id,
        h.holdout,
        h.share,
        h.salt,
        h.release_id
    from stepped as s
    inner join holdouts as h
        on coalesce(h.journey, s.journey) = s.journey
),

{% if is_incremental() %}
assigned as (
    select distinct
        n.person_id,
        k.holdout
    from {{ this }} as k
    inner join touched as n
        on k.node_id = n.node_id
),
{% endif %}

lowest as (
    select
        t.person_id,
        t.node_id,
        row_number() over (
            partition by t.person_id order by t.node_seq
        ) as position
    from touched as t
    where t.person_id in (select c.person_id from covered as c)
),

buckets as (
    select
        c.*,
        l.node_id,
        {{ holdout_bucket('c.salt', 'l.node_id') }} as bucket
    from covered as c
    inner join lowest as l
        on c.person_id = l.person_id and l.position = 1
    {% if is_incremental() %}
    left join assigned as a
        on c.person_id = a.person_id and c.holdout = a.holdout
    where a.person_id is null
    {% endif %}
)

select
    {{ baton_id('holdout_assignment', ['holdout', 'node_id']) }}
        as assignment_id,
    holdout,
    node_id,
    bucket,
    case when bucket < share * 100 then 'control' else 'treatment' end as arm,
    {{ batch_time() }} as assigned_at,
    {{ window_id() }} as window_id,
    release_id
from buckets
