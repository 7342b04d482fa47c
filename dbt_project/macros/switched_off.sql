{#- Whether a switch stands against a row `c` of person `person`: a boolean. -#}
{% macro switched_off(c, person) -%}
  exists (
      select 1
      from {{ ref('stg_journal__switches') }} as sw
      where
          sw.is_stopped
          and (
              sw.scope = 'global'
              or (sw.scope = 'brand' and sw.value = {{ c }}.brand)
              or (sw.scope = 'journey' and sw.value = {{ c }}.journey)
              or (sw.scope = 'action' and sw.value = {{ c }}.action)
              or (sw.scope = 'channel' and sw.value = {{ c }}.channel)
              or (sw.scope = 'destination' and sw.value = {{ c }}.destination)
              or (sw.scope = 'person' and sw.value = {{ person }})
          )
  )
{%- endmacro %}
