{#- The values of a column of `relation` for an `in` on a long table, be they few or many: handed over
    as `few_of` does, lest the engine build its hash table of the long one, and with a condition, for
    only then it sifts what it reads by them (a bloom filter). Not for `not in`: a null among them
    would count. -#}
{% macro any_of(relation, column) -%}
  {{ return(adapter.dispatch('any_of', 'baton')(relation, column)) }}
{%- endmacro %}

{% macro default__any_of(relation, column) -%}
  (select one.{{ column }} from {{ relation }} as one)
{%- endmacro %}

{% macro duckdb__any_of(relation, column) -%}
  (
      select unnest(list(one.{{ column }})) from {{ relation }} as one
      where one.{{ column }} is not null
  )
{%- endmacro %}
