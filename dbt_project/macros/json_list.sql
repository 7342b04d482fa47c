{#- A group's rows as the text of a JSON list of objects; `items` maps names to
    expressions, `order` is one expression, the latest first. -#}
{% macro json_list(items, order) -%}
  {{ return(adapter.dispatch('json_list', 'baton')(items, order)) }}
{%- endmacro %}

{% macro default__json_list(items, order) -%}
  to_json(transform(
    sort_array(collect_list(struct({{ order }} as place, named_struct(
      {%- for name, value in items.items() %}
      '{{ name }}', {{ value }}{{ ',' if not loop.last }}
      {%- endfor %}
    ) as item)), false), x -> x.item
  ))
{%- endmacro %}

{% macro duckdb__json_list(items, order) -%}
  cast(to_json(list(struct_pack(
    {%- for name, value in items.items() %}
    {{ name }} := {{ value }}{{ ',' if not loop.last }}
    {%- endfor %}
  ) order by {{ order }} desc)) as varchar)
{%- endmacro %}
