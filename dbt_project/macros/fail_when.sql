{% macro fail_when(condition, message) -%}
  {{ return(adapter.dispatch('fail_when', 'baton')(condition, message)) }}
{%- endmacro %}

{#- A boolean that is always true, or an error that names what is wrong. -#}
{% macro default__fail_when(condition, message) -%}
  case when {{ condition }} then error('{{ message }}') else true end
{%- endmacro %}
