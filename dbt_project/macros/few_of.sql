{#- The values of a column of `relation` that are not null, for an `in` on a long table. Handed over as
    one list, for the engine's guess of how many rows a window has grows with the history, and it
    would look the history up in the window. And with a condition, for only then it sifts what it
    reads by them (a bloom filter). Those that a table has in its column `but_column` already are
    left out, where one is named. -#}
{% macro few_of(relation, column, but=none, but_column=none) -%}
  {{ return(adapter.dispatch('few_of', 'baton')(relation, column, but, but_column)) }}
{%- endmacro %}

{% macro default__few_of(relation, column, but, but_column) -%}
  (
      select few.{{ column }} from {{ relation }} as few
      where few.{{ column }} is not null {{- and_not('few', column, but, but_column) }}
  )
{%- endmacro %}

{% macro duckdb__few_of(relation, column, but, but_column) -%}
  (
      select unnest(list(few.{{ column }})) from {{ relation }} as few
      where few.{{ column }} is not null {{- and_not('few', column, but, but_column) }}
  )
{%- endmacro %}

{% macro and_not(alias, column, but, but_column) -%}
  {%- if but %}
      and not exists (
          select 1 as found from {{ but }} as other
          where other.{{ but_column or column }} = {{ alias }}.{{ column }}
      )
  {%- endif -%}
{%- endmacro %}
