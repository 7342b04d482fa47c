{#- A row per element of a JSON list; `shape` names the fields and types of one. -#}
{% macro unnested_json(column, shape) -%}
{{ return(adapter.dispatch('unnested_json', 'baton')(column, shape)) }}
{%- endmacro %}

{% macro default__unnested_json(column, shape) -%}
unnest(from_json({{ column }}, '{{ shape }}'))
{%- endmacro %}
