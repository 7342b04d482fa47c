{{ config(materialized='table') }}
-- depends_on: {{ ref('observations') }}
-- depends_on: {{ ref('int_identity__overrides') }}
-- depends_on: {{ ref('int_identity__proposals') }}
-- depends_on: {{ source('control', 'this_window') }}
-- depends_on: {{ ref('nodes') }}
-- depends_on: {{ ref('int_identity__blocked_nodes') }}
-- depends_on: {{ ref('int_identity__loosened_nodes') }}
-- depends_on: {{ ref('stg_release__link_rules') }}

{#- Identifiers all of whose edges this window may judge: both ends of what it
    tells of, but none that is crowded already, those that a release blocks or
    frees, and those that lost a neighbour. None in a full build. -#}
{% set before = previous_relation('int_identity__crowded_nodes') %}

{% if before %}
with told as (
    {{ told_pairs() }}
),

ends as (
    select {{ low_of('pair_key') }} as node_seq from told
    union
    select {{ high_of('pair_key') }} as node_seq from told
),

released as (
    select distinct is_changed
    from {{ ref('stg_release__link_rules') }}
    where known_at = {{ batch_time() }} and is_changed
)

select e.node_seq
from ends as e
left join {{ before }} as c
    on e.node_seq = c.node_seq and c.is_crowded
where c.node_seq is null
union
select b.node_seq
from {{ ref('int_identity__blocked_nodes') }} as b
cross join released
where b.changed_window_id = {{ window_id() }}
union
select l.node_seq
from {{ ref('int_identity__loosened_nodes') }} as l
{% else %}
select n.node_seq
from {{ ref('nodes') }} as n
where false
{% endif %}
