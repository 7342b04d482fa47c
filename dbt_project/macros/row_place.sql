{#- Where a row lies: look for few rows of a long table by one narrow column, keep their places, and
    fetch the rest from there: the engine then reads the other columns in these places alone. `key`
    is the column that tells the row elsewhere. -#}
{% macro row_place(relation, key) -%}
  {{ return(adapter.dispatch('row_place', 'baton')(relation, key)) }}
{%- endmacro %}

{% macro default__row_place(relation, key) -%}{{ relation }}.{{ key }}{%- endmacro %}

{% macro duckdb__row_place(relation, key) -%}{{ relation }}.rowid{%- endmacro %}
