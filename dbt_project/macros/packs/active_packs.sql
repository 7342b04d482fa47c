{#- The packs that `vars: packs` switches on, in the order of their names, each with
    the kinds of rows that it gives. A name that no pack has stops the parse. -#}
{% macro active_packs() -%}
  {%- set tracked = ['observations', 'field_values', 'events', 'receipts'] -%}
  {%- set known = {
      'hubspot': [
          'observations', 'field_values', 'flags', 'receipts', 'cases', 'merges'
      ],
      'intercom': [
          'observations', 'field_values', 'flags', 'receipts', 'cases', 'messages'
      ],
      'rudderstack': tracked,
      'salesforce': ['observations', 'field_values', 'flags', 'cases', 'merges'],
      'segment': tracked,
      'snowplow': ['observations', 'events'],
      'zendesk': ['observations', 'field_values', 'cases']
  } -%}
  {%- set wanted = var('packs', none) or [] -%}
  {%- if wanted is string -%}
    {{ exceptions.raise_compiler_error(
        "vars: packs is a text; write a list, such as packs: [" ~ wanted ~ "]"
    ) }}
  {%- endif -%}
  {%- for name in wanted if name not in known -%}
    {{ exceptions.raise_compiler_error(
        "vars: packs names `" ~ name ~ "`, and there is no such pack; there are "
        ~ known | join(', ')
    ) }}
  {%- endfor -%}
  {%- set active = {} -%}
  {%- for name, kinds in known.items() if name in wanted -%}
    {%- do active.update({name: kinds}) -%}
  {%- endfor -%}
  {{ return(active) }}
{%- endmacro %}

{% macro pack_is_on(name) -%}
  {{ return(name in active_packs()) }}
{%- endmacro %}

{#- True while a pack is on that gives rows of this kind. -#}
{% macro packs_give(kind) -%}
  {{ return(kind in (active_packs().values() | sum(start=[]))) }}
{%- endmacro %}
