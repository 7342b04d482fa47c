{#- The node of a record: its first identifier that is there, of types to columns in
    the order of their priority. -#}
{% macro hub_node(identifiers) -%}
  coalesce(
  {%- for node_type, column in identifiers.items() %}
      {{ node_id(node_type, column) }},
  {%- endfor %}
      cast(null as varchar)
  )
{%- endmacro %}
