{#- Has a common table expression computed once, where the engine must be told: a
    recursive one would compute it in each round. -#}
{% macro kept() -%}
  {{ return(adapter.dispatch('kept', 'baton')()) }}
{%- endmacro %}

{% macro default__kept() -%}{%- endmacro %}

{% macro duckdb__kept() -%}materialized{%- endmacro %}
