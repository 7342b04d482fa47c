{#- True where a rule is no split, or the instance falls into its share. -#}
{% macro in_split(instance_id, from_step, rule='') -%}
  (
    {{ rule }}split_from is null
    or {{ split_bucket(instance_id, from_step, rule ~ 'trigger_name') }}
    between {{ rule }}split_from and {{ rule }}split_until - 1
  )
{%- endmacro %}
