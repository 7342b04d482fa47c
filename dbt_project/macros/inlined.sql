{#- Has a common table expression computed where it is asked, where the engine would keep millions
    of wide rows rather than read them again. -#}
{% macro inlined() -%}
  {{ return(adapter.dispatch('inlined', 'baton')()) }}
{%- endmacro %}

{% macro default__inlined() -%}{%- endmacro %}

{% macro duckdb__inlined() -%}not materialized{%- endmacro %}
