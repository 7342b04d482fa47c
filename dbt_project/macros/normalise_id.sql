{#- An id that somebody can be known by: trimmed, in one Unicode form; null when it is
    empty, a word for nothing, all zeros (an advertising id that was not given),
    longer than any id, or has control characters. Its case is kept. -#}
{% macro normalise_id(expression) -%}
  case
      when length({{ expression }}) <= 1024
          and not regexp_matches(
              lower(trim({{ expression }})),
              '^([0-]*|[(<\[]?(null|undefined|none|nil|nan|n/a|not set|object object)[)>\]]?)$|[[:cntrl:]]'
          )
          then {{ composed('trim(' ~ expression ~ ')') }}
  end
{%- endmacro %}
