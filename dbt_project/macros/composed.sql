{#- Text with accents composed (NFC), where the engine can. -#}
{% macro composed(expression) -%}
  {{ return(adapter.dispatch('composed', 'baton')(expression)) }}
{%- endmacro %}

{% macro default__composed(expression) -%}{{ expression }}{%- endmacro %}

{% macro duckdb__composed(expression) -%}nfc_normalize({{ expression }}){%- endmacro %}
