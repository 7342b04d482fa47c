{#- Staging models whose records come once, in words for an `in`: all they read is loaded with mode
    append, so no later version of a record can name other people. Records of all others are looked
    up in the whole history by each batch that has some: to leave one out costs no more than that.
    Out are what a pack loads in versions, and calls that a pack may find in two tables. -#}
{% macro loaded_once() -%}
  {%- set models = ['stg_consent__statements'] -%}
  {%- if not (var('segment_events', none) or var('rudderstack_events', none)) -%}
    {%- do models.append('stg_web__events') -%}
  {%- endif -%}
  {%- if not packs_give('messages') -%}
    {%- do models.append('stg_chat__messages') -%}
  {%- endif -%}
  ('{{ models | join("', '") }}')
{%- endmacro %}
