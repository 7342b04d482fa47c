{#- Where a row lies: in a long table, look for few rows by one narrow column, keep their places, and
    fetch the rest of them from there; the engine then reads the other columns in these places alone.
    `key` is the column that tells the row elsewhere. -#}
{% macro row_place(relation, key) -%}
  {{ return(adapter.dispatch('row_place', 'baton')(relation, key)) }}
{%- endmacro %}

{% macro default__row_place(relation, key) -%}{{ relation }}.{{ key }}{%- endmacro %}

{% macro duckdb__row_place(relation, key) -%}
  {{ relation }}.{{ 'rowid' if has_places() else key }}
{%- endmacro %}

{#- Whether relations are tables: inputs of unit tests are not, and the gate reads views. -#}
{% macro has_places() -%}
  {{ return(flags.WHICH in ('run', 'compile') and sqlmesh is not defined) }}
{%- endmacro %}
