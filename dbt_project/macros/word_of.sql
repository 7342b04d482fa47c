{#- One word, counted from 1, of a text that a separator divides. -#}
{% macro word_of(column, separator, place) -%}
  {{ return(adapter.dispatch('word_of', 'baton')(column, separator, place)) }}
{%- endmacro %}

{% macro default__word_of(column, separator, place) -%}
  split_part({{ column }}, '{{ separator }}', {{ place }})
{%- endmacro %}
