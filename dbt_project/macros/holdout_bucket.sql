{#- Where a person stands in a holdout, from 0 to 9999: see docs/reference/decisions.md, rule 9. -#}
{% macro holdout_bucket(salt, node_id) -%}
  {{ return(adapter.dispatch('holdout_bucket', 'baton')(salt, node_id)) }}
{%- endmacro %}

{% macro default__holdout_bucket(salt, node_id) -%}
  cast(
    '0x' || substr({{ baton_id('holdout', [salt, node_id]) }}, 1, 8) as bigint
  ) % 10000
{%- endmacro %}
