{% macro quantile(expression, share) -%}
  {{ return(adapter.dispatch('quantile', 'baton')(expression, share)) }}
{%- endmacro %}

{% macro default__quantile(expression, share) -%}
  quantile_disc({{ expression }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile(expression, share) -%}
  percentile_disc({{ share }}) within group (order by {{ expression }})
{%- endmacro %}
