{#- E.164 for numbers written with country code or as ten digits of North
    America; null otherwise, kept in raw and never linked on. -#}
{% macro normalise_phone(expression) -%}
  {%- set digits = "regexp_replace(" ~ expression ~ ", '[^0-9]', '', 'g')" -%}
  case
      when trim({{ expression }}) like '+%' and length({{ digits }}) between 8 and 15
          then '+' || {{ digits }}
      when length({{ digits }}) = 10 then '+1' || {{ digits }}
      when length({{ digits }}) = 11 and {{ digits }} like '1%' then '+' || {{ digits }}
  end
{%- endmacro %}
