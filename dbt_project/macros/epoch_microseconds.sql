{% macro epoch_microseconds(expression) -%}
  {{ return(adapter.dispatch('epoch_microseconds', 'baton')(expression)) }}
{%- endmacro %}

{% macro default__epoch_microseconds(expression) -%}
  epoch_us({{ expression }})
{%- endmacro %}
