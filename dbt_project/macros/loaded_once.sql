{#- Staging models whose records come once, in words for an `in`: all they read is loaded with mode
    append, so no later version of a record can name other people. Records of all others are looked
    up in the whole history by each batch that has some: to leave one out costs no more than that. -#}
{% macro loaded_once() -%}
  {%- set models = ['stg_web__events', 'stg_consent__statements'] -%}
  {%- if not packs_give('messages') -%}
    {%- do models.append('stg_chat__messages') -%}
  {%- endif -%}
  ('{{ models | join("', '") }}')
{%- endmacro %}
