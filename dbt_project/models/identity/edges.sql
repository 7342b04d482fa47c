{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='edge_id'
) }}

with observations as (
    select * from {{ ref('observations') }}
    where node_id <> hub_node_id
),

touched as (
    select distinct
        node_id,
        hub_node_id
    from observations
    where {{ in_window() }}
),

evidence as (
    select
        least(o.node_id, o.hub_node_id) as node_a_id,
        greatest(o.node_id, o.hub_node_id) as node_b_id,
        count(distinct o.record_id) as evidence_count,
        min(o.observed_at) as first_observed_at,
        max(o.observed_at) as last_observed_at,
        max(o.loaded_seq) as last_loaded_seq
    from observations as o
    where
        (o.node_id, o.hub_node_id) in (
            select (t.node_id, t.hub_node_id) from touched as t
            union all
            select (t.hub_node_id, t.node_id) from touched as t
        )
    group by 1, 2
)

select
    {{ baton_id('edge', ['e.node_a_id', 'e.node_b_id']) }} as edge_id,
    e.node_a_id,
    e.node_b_id,
    'same_record' as rule,
    e.evidence_count,
    least(
        coalesce(ra.confidence, 0), coalesce(rb.confidence, 0)
    ) as confidence,
    case
        when ra.links and rb.links then 'accepted' else 'rejected'
    end as status,
    case
        when coalesce(ra.links, false) and coalesce(rb.links, false) then null
        else 'an identifier type that does not link'
    end as reason,
    e.first_observed_at,
    e.last_observed_at,
    e.last_loaded_seq
from evidence as e
inner join {{ ref('nodes') }} as a
    on e.node_a_id = a.node_id
inner join {{ ref('nodes') }} as b
    on e.node_b_id = b.node_id
left join {{ ref('stg_release__identity_rules') }} as ra
    on a.node_type = ra.node_type
left join {{ ref('stg_release__identity_rules') }} as rb
    on b.node_type = rb.node_type
