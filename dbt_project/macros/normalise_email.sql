{#- Lower case and trimmed; null when it is no address one may link on. Intake has
    done the same, and more, in the column `_<column>_as_email` of what a source
    declares as an identifier: read that where there is one. Here only ASCII is
    taken, for what SQL cannot spell in one way it must not link on. -#}
{% macro normalise_email(expression) -%}
  case
      when length({{ expression }}) <= 320 and regexp_matches(
          lower(trim({{ expression }})),
          '^[a-z0-9!#$%&''*+/=?^_`{|}~.-]{1,64}@([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
      )
          then lower(trim({{ expression }}))
  end
{%- endmacro %}
