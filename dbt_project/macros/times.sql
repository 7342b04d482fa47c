{% macro beginning_of_time() -%}timestamp '1900-01-01 00:00:00'{%- endmacro %}

{% macro end_of_time() -%}timestamp '9999-12-31 00:00:00'{%- endmacro %}

{% macro add_seconds(moment, seconds) -%}
  {{ return(adapter.dispatch('add_seconds', 'baton')(moment, seconds)) }}
{%- endmacro %}

{% macro default__add_seconds(moment, seconds) -%}
  ({{ moment }} + to_seconds({{ seconds }}))
{%- endmacro %}
