{% macro product_of(factor) -%}
  {{ return(adapter.dispatch('product_of', 'baton')(factor)) }}
{%- endmacro %}

{#- For factors above zero. -#}
{% macro default__product_of(factor) -%}exp(sum(ln({{ factor }}))){%- endmacro %}

{% macro duckdb__product_of(factor) -%}product({{ factor }}){%- endmacro %}
