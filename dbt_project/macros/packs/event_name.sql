{#- What signals call an event: `vars: event_names` maps the names that a pack's
    tables have to those, such as {product_viewed: product_view}. -#}
{% macro event_name(expression) -%}
  {%- set names = var('event_names', none) or {} -%}
  {%- if names -%}
  case {{ expression }}
      {%- for given, meant in names.items() %}
      when '{{ given }}' then '{{ meant }}'
      {%- endfor %}
      else {{ expression }}
  end
  {%- else -%}
  {{ expression }}
  {%- endif -%}
{%- endmacro %}
