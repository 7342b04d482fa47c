{#- Seconds after midnight of a local time such as 09:30. -#}
{% macro seconds_of_day(written) -%}
  cast(substr({{ written }}, 1, 2) as integer) * 3600
  + cast(substr({{ written }}, 4, 2) as integer) * 60
{%- endmacro %}
