{#- Two identifiers' `node_seq` in one number, the lower first: what evidence and edges are looked
    up by. -#}
{% macro pair_key(one, other) -%}
  (least({{ one }}, {{ other }}) * 2147483648 + greatest({{ one }}, {{ other }}))
{%- endmacro %}

{#- The identifiers of a pair; a node_seq beyond 31 bits would give another pair. -#}
{% macro low_of(pair) -%}
  {{ return(adapter.dispatch('low_of', 'baton')(pair)) }}
{%- endmacro %}

{% macro default__low_of(pair) -%}shiftright({{ pair }}, 31){%- endmacro %}

{% macro duckdb__low_of(pair) -%}({{ pair }} >> 31){%- endmacro %}

{% macro high_of(pair) -%}({{ pair }} % 2147483648){%- endmacro %}
