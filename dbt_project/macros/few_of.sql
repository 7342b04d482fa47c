{#- The values of a column of `relation` for an `in`, said to be few: the engine's guess of how many
    rows a window has grows with the history, and it would look the history up in the window. -#}
{% macro few_of(relation, column) -%}
  {{ return(adapter.dispatch('few_of', 'baton')(relation, column)) }}
{%- endmacro %}

{% macro default__few_of(relation, column) -%}
  (select few.{{ column }} from {{ relation }} as few)
{%- endmacro %}

{% macro duckdb__few_of(relation, column) -%}
  (select unnest(list(few.{{ column }})) from {{ relation }} as few)
{%- endmacro %}
