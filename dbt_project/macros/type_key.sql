{#- A join key for a type of identifier in half the room of a bigint: text in five million rows
    costs four times as much to write. -#}
{% macro type_key(node_type) -%}
  cast({{ short_id(node_type) }} % 2147483647 as integer)
{%- endmacro %}
