{#- The columns of that row of a group which comes first by `keys`, nulls last. -#}
{% macro earliest(alias, keys) -%}
  {{ return(adapter.dispatch('earliest', 'baton')(alias, keys)) }}
{%- endmacro %}

{% macro default__earliest(alias, keys) -%}
  inline(array(min_by(struct({{ alias }}.*), struct({{ earliest__keys(alias, keys) }}))))
{%- endmacro %}

{% macro duckdb__earliest(alias, keys) -%}
  unnest(min_by({{ alias }}, row({{ earliest__keys(alias, keys) }})))
{%- endmacro %}

{% macro earliest__keys(alias, keys) -%}
  {%- for key in keys %}{{ alias }}.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}
