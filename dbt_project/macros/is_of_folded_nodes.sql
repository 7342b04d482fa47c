{#- Bounds the delete of rewritten steps to what the batch folds: the history lies
    by the node that entered, so little of it is read. By name, since a model's
    config cannot ref. -#}
{% macro is_of_folded_nodes() -%}
  entry_node_short in {{ few_of(
      generate_schema_name('journeys', none) ~ '.int_journeys__touched', 'node_short'
  ) }}
{%- endmacro %}
