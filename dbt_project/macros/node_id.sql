{#- Id of an identifier; null when the value is null. -#}
{% macro node_id(node_type, value) -%}
  case
      when {{ value }} is not null
          then {{ baton_id('node', ["'" ~ node_type ~ "'", value]) }}
  end
{%- endmacro %}
