{% macro baton_id(kind, parts) -%}
  {{ return(adapter.dispatch('baton_id', 'baton')(kind, parts)) }}
{%- endmacro %}

{#- md5 over kind and parts joined by chr(31), null as chr(30);
    the same as baton.ids.make_id. Parts are SQL expressions. -#}
{% macro default__baton_id(kind, parts) -%}
  md5('{{ kind }}'
  {%- for part in parts %} || chr(31) || coalesce(cast({{ part }} as varchar), chr(30))
  {%- endfor %})
{%- endmacro %}
