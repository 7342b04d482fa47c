{#- E.164 for numbers written with + and country code, or as ten digits of North
    America; null otherwise, kept in raw and never linked on. Intake knows more, by the source's `phone_region`, in the column
    `_<column>_as_phone`: read that where there is one. -#}
{% macro normalise_phone(expression) -%}
  {%- set digits = "regexp_replace(" ~ expression ~ ", '[^0-9]', '', 'g')" -%}
  case
      when regexp_matches(trim({{ expression }}), '^\+[0-9 ()./-]{7,30}$')
          and length({{ digits }}) between 8 and 15
          then '+' || {{ digits }}
      when not regexp_matches({{ expression }}, '[^0-9 ()./-]')
          and regexp_matches({{ digits }}, '^1?[2-9][0-9]{9}$')
          then '+1' || right({{ digits }}, 10)
  end
{%- endmacro %}
