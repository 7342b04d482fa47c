{#- A number with one bit of 63 set, chosen by a key: fewer bits than keys in an aggregate may be
    two keys with one bit, as many are as many keys. -#}
{% macro one_bit_of(key) -%}
  {{ return(adapter.dispatch('one_bit_of', 'baton')(key)) }}
{%- endmacro %}

{% macro default__one_bit_of(key) -%}
  shiftleft(cast(1 as bigint), cast({{ key }} % 63 as integer))
{%- endmacro %}

{% macro duckdb__one_bit_of(key) -%}(1::bigint << ({{ key }} % 63)){%- endmacro %}
