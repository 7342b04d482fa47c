{#- A row per word of a text that a separator divides. -#}
{% macro unnested_words(column, separator) -%}
  {{ return(adapter.dispatch('unnested_words', 'baton')(column, separator)) }}
{%- endmacro %}

{% macro default__unnested_words(column, separator) -%}
  explode(split({{ column }}, '{{ separator }}'))
{%- endmacro %}

{% macro duckdb__unnested_words(column, separator) -%}
  unnest(string_split({{ column }}, '{{ separator }}'))
{%- endmacro %}
