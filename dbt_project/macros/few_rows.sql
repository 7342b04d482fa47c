{#- Rows of a long table whose column has one of the few values of a CTE's column of the same name,
    or of `values`: looked for by that column alone, the others are read where the rows lie. What
    is no table has no places and is filtered. Statements that dbt compiles stand in for
    what it has run (baton/at_hand.py), so both say the same. Where they are not `few`, as in a full
    build, they are filtered too. Values that the table `but` has in the same column are left out. -#}
{% macro few_rows(relation, column, cte, values=none, few=true, but=none) -%}
  {%- if few -%}
  {{ return(adapter.dispatch('few_rows', 'baton')(
      relation, column, cte, values or column, but
  )) }}
  {%- endif -%}
  (select lying.* from {{ relation }} as lying
  where lying.{{ column }} in (select asked.{{ values or column }} from {{ cte }} as asked))
{%- endmacro %}

{% macro default__few_rows(relation, column, cte, values, but) -%}
  (select lying.* from {{ relation }} as lying
  where lying.{{ column }} in {{ few_of(cte, values, but, column) }})
{%- endmacro %}

{% macro duckdb__few_rows(relation, column, cte, values, but) -%}
  {%- if has_places() -%}
  (select lying.* from {{ relation }} as lying
  where lying.rowid in (
      select found.rowid from {{ relation }} as found
      where found.{{ column }} in {{ few_of(cte, values, but, column) }}
  ))
  {%- else -%}
  {{ default__few_rows(relation, column, cte, values, but) }}
  {%- endif -%}
{%- endmacro %}
