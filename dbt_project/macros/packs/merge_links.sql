{#- Merges that somebody decided in a tool, as links that are forced, each from when it
    was first told. They give way to what a policy or a steward says of the pair. -#}
{% macro merge_links(pack) -%}
select
    least(node_id, merged_node_id) as node_a_id,
    greatest(node_id, merged_node_id) as node_b_id,
    'force' as kind,
    'merged_in_source' as reason,
    '{{ pack }}' as decided_by,
    min(occurred_at) as decided_at,
    min(loaded_seq) as loaded_seq,
    -1 as seq
from {{ ref('stg_' ~ pack ~ '__merges') }}
where node_id is not null and merged_node_id is not null
group by 1, 2
{%- endmacro %}
