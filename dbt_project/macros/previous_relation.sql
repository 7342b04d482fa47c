{#- The relation a later model left in an earlier batch, or none before its
    first build and in a full build, unless it survives those: the only way to
    read one's own future. -#}
{% macro previous_relation(name, survives=false) -%}
  {%- if not execute or (flags.FULL_REFRESH and not survives) -%}
  {{ return(none) }}
  {%- endif -%}
  {%- set node = graph.nodes.values()
      | selectattr('name', 'equalto', name)
      | selectattr('resource_type', 'equalto', 'model') | first -%}
  {{ return(load_relation(api.Relation.create(
      database=node.database, schema=node.schema, identifier=node.alias
  ))) }}
{%- endmacro %}
