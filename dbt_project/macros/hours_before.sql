{#- How many whole hours an instant lies before another. -#}
{% macro hours_before(moment, earlier) -%}
  {{ return(adapter.dispatch('hours_before', 'baton')(moment, earlier)) }}
{%- endmacro %}

{% macro default__hours_before(moment, earlier) -%}
  cast(floor((epoch({{ moment }}) - epoch({{ earlier }})) / 3600) as bigint)
{%- endmacro %}

{% macro spark__hours_before(moment, earlier) -%}
  cast(floor(
    (unix_timestamp({{ moment }}) - unix_timestamp({{ earlier }})) / 3600
  ) as bigint)
{%- endmacro %}
