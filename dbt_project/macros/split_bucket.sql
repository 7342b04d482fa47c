{#- Where an instance stands in a split, from 0 to 99: see docs/reference/cards.md, rule 15. -#}
{% macro split_bucket(instance_id, from_step, trigger) -%}
  {{ return(adapter.dispatch('split_bucket', 'baton')(instance_id, from_step, trigger)) }}
{%- endmacro %}

{% macro default__split_bucket(instance_id, from_step, trigger) -%}
  cast(
    '0x' || substr({{ baton_id('split', [instance_id, from_step, trigger]) }}, 1, 8)
    as bigint
  ) % 100
{%- endmacro %}
