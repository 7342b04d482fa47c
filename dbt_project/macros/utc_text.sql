{#- A time as text for other programs, such as 2026-03-02T12:00:00Z. -#}
{% macro utc_text(moment) -%}
  replace(substr(cast({{ moment }} as varchar), 1, 19), ' ', 'T') || 'Z'
{%- endmacro %}
