{#- The properties of an event as a JSON object: all columns of its table that were
    not declared, but what the library says of itself and of the device. -#}
{% macro event_properties(document) -%}
  {{ return(adapter.dispatch('event_properties', 'baton')(document)) }}
{%- endmacro %}

{% macro duckdb__event_properties(document) -%}
  to_json(map_from_entries([
      struct_pack(k := name, v := json_extract({{ document }}, '$."' || name || '"'))
      for name in json_keys({{ document }})
      if not starts_with(name, 'context_')
  ]))
{%- endmacro %}
