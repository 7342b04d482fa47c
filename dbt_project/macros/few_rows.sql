{#- Rows of a long table whose column has one of the few values of a CTE's column of the same name,
    or of `values`: looked for by that column alone, the others are read where the rows lie. What
    is no table has no places and is filtered. Statements that dbt compiles stand in for
    what it has run (baton/at_hand.py), so both say the same. Where they are not `few`, as in a full
    build, they are filtered too. -#}
{% macro few_rows(relation, column, cte, values=none, few=true) -%}
  {%- if few -%}
  {{ return(adapter.dispatch('few_rows', 'baton')(relation, column, cte, values or column)) }}
  {%- endif -%}
  (select lying.* from {{ relation }} as lying
  where lying.{{ column }} in (select asked.{{ values or column }} from {{ cte }} as asked))
{%- endmacro %}

{% macro default__few_rows(relation, column, cte, values) -%}
  (select lying.* from {{ relation }} as lying
  where lying.{{ column }} in {{ few_of(cte, values) }})
{%- endmacro %}

{% macro duckdb__few_rows(relation, column, cte, values) -%}
  {%- if has_places() -%}
  (select lying.* from {{ relation }} as lying
  where lying.rowid in (
      select found.rowid from {{ relation }} as found
      where found.{{ column }} in {{ few_of(cte, values) }}
  ))
  {%- else -%}
  {{ default__few_rows(relation, column, cte, values) }}
  {%- endif -%}
{%- endmacro %}
