{#- Merges that somebody decided in a tool, as links that are forced: both records were
    one person's before any limit asks. -#}
{% macro merge_links(pack) -%}
select
    {{ baton_id('override', ["'" ~ pack ~ "'", 'record_id']) }} as override_id,
    'force' as kind,
    least(node_id, merged_node_id) as node_a_id,
    greatest(node_id, merged_node_id) as node_b_id,
    '{{ pack }}' as decided_by,
    'merged_in_source' as reason,
    occurred_at as decided_at,
    loaded_at,
    loaded_seq
from {{ ref('stg_' ~ pack ~ '__merges') }}
where node_id is not null and merged_node_id is not null
{%- endmacro %}
