{#- One row per record and valid identifier of a staging model: what was seen
    together. Identifiers in order of priority; the first present is the hub: `hub`
    is the column of its node. -#}
{% macro observe(model, identifiers, hub='node_id') -%}
{%- for node_type, column in identifiers.items() %}
select
    r.record_id,
    '{{ model.identifier }}' as source_model,
    '{{ node_type }}' as node_type,
    r.{{ column }} as node_value,
    {{ node_id(node_type, 'r.' ~ column) }} as node_id,
    r.{{ hub }} as hub_node_id,
    r.occurred_at as observed_at,
    r.loaded_seq
from {{ model }} as r
where r.{{ column }} is not null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
