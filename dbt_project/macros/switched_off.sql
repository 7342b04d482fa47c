{#- Whether one of the switches in `stopped` (scope, value) stands against an action row `a`
    in a journey of a brand: a boolean. Persons are asked apart. -#}
{% macro switched_off(a, journey, brand) -%}
  exists (
      select 1
      from stopped as sw
      where
          sw.scope = 'global'
          or (sw.scope = 'brand' and sw.value = {{ brand }})
          or (sw.scope = 'journey' and sw.value = {{ journey }})
          or (sw.scope = 'action' and sw.value = {{ a }}.action)
          or (sw.scope = 'channel' and sw.value = {{ a }}.channel)
          or (sw.scope = 'destination' and sw.value = {{ a }}.destination)
  )
{%- endmacro %}
