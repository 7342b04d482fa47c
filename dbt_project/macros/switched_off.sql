{#- Whether a switch stands against a row `c` of person `person`: a boolean. Persons are
    asked apart: the rest is the same for many rows. -#}
{% macro switched_off(c, person) -%}
  (
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
            )
    )
    or {{ person }} in (
        select ps.value
        from {{ ref('stg_journal__switches') }} as ps
        where ps.is_stopped and ps.scope = 'person' and ps.value is not null
    )
  )
{%- endmacro %}
