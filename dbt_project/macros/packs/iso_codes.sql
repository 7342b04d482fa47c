{#- A country as ISO 3166 alpha-2; null for what is written otherwise. -#}
{% macro country_code(expression) -%}
  case
      when regexp_matches(trim({{ expression }}), '^[A-Za-z]{2}$')
          then upper(trim({{ expression }}))
  end
{%- endmacro %}

{#- The language of a code or locale (en, en-US, pt_br) as ISO 639-1. -#}
{% macro language_code(expression) -%}
  case
      when regexp_matches(trim({{ expression }}), '^[A-Za-z]{2}([-_].*)?$')
          then lower(substr(trim({{ expression }}), 1, 2))
  end
{%- endmacro %}
