{#- Lower case and trimmed; null when it is no address one may link on. -#}
{% macro normalise_email(expression) -%}
  case
      when regexp_matches(
          lower(trim({{ expression }})), '^[^@\s]+@[^@\s]+\.[^@\s]+$'
      )
          then lower(trim({{ expression }}))
  end
{%- endmacro %}
