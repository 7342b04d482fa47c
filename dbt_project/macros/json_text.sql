{% macro json_text(document, field) -%}
  {{ return(adapter.dispatch('json_text', 'baton')(document, field)) }}
{%- endmacro %}

{% macro default__json_text(document, field) -%}
  json_extract_string({{ document }}, '$.{{ field }}')
{%- endmacro %}
