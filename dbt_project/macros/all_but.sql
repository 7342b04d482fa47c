{#- All columns of `alias` but the named ones. -#}
{% macro all_but(alias, columns) -%}
  {{ return(adapter.dispatch('all_but', 'baton')(alias, columns)) }}
{%- endmacro %}

{% macro default__all_but(alias, columns) -%}
  {{ alias }}.* except ({{ columns | join(', ') }})
{%- endmacro %}

{% macro duckdb__all_but(alias, columns) -%}
  {{ alias }}.* exclude ({{ columns | join(', ') }})
{%- endmacro %}
