{% macro seconds_between(earlier, later) -%}
  {{ return(adapter.dispatch('seconds_between', 'baton')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
  (epoch({{ later }}) - epoch({{ earlier }}))
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
  (cast({{ later }} as double) - cast({{ earlier }} as double))
{%- endmacro %}
