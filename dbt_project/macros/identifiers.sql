{#- Identifiers, each with its person, whose `column` (node_short or person_short) has one of the few
    values of a CTE: of persons folded in this batch as that says, which is mostly of all; only of
    others from the map of everybody, which is not scanned where there are none. In a full build,
    not `few`, from the map. -#}
{% macro identifiers(column, cte, values=none, few=true) -%}
  {%- set asked = values or column -%}
  {%- set map, near = ref('identity_map'), ref('int_journeys__touched') -%}
  {%- if few -%}
  (
      select {{ columns_of_identifiers('folded') }}
      from {{ near }} as folded
      where folded.{{ column }} in (select asked.{{ asked }} from {{ cte }} as asked)
      union all
      select {{ columns_of_identifiers('m') }}
      from {{ few_rows(map, column, cte, asked, but=near) }} as m
  )
  {%- else -%}
  {{ few_rows(map, column, cte, asked, few=false) }}
  {%- endif -%}
{%- endmacro %}

{% macro columns_of_identifiers(alias) -%}
  {%- for column in ['node_id', 'node_short', 'node_seq', 'person_id', 'person_short'] %}
          {{ alias }}.{{ column }}{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}
