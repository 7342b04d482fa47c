{{ config(materialized='view', tags=['view']) }}

with named as (
    select
        e.*,
        least(l.node_id, h.node_id) as node_a_id,
        greatest(l.node_id, h.node_id) as node_b_id
    from {{ ref('int_identity__edges') }} as e
    inner join {{ ref('nodes') }} as l
        on e.low_seq = l.node_seq
    inner join {{ ref('nodes') }} as h
        on e.high_seq = h.node_seq
)

select
    {{ baton_id('edge', ['node_a_id', 'node_b_id']) }} as edge_id,
    node_a_id,
    node_b_id,
    rule,
    evidence_count,
    confidence,
    case when reason is null then 'accepted' else 'rejected' end as status,
    reason,
    first_observed_at,
    last_observed_at,
    last_loaded_seq
from named
