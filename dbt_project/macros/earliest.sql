{#- The row `alias` of a group that comes first by `keys`, as a struct; nulls last. -#}
{% macro earliest(alias, keys) -%}
  {{ return(adapter.dispatch('earliest', 'baton')(alias, keys)) }}
{%- endmacro %}

{% macro default__earliest(alias, keys) -%}
  min_by({{ alias }}, row(
    {%- for key in keys %}{{ alias }}.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
  ))
{%- endmacro %}
