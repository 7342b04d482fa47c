{#- A name as it is shown: composed, white space as one space; null when it is empty. -#}
{% macro normalise_name(expression) -%}
  nullif(trim(regexp_replace({{ composed(expression) }}, '[\s\p{Z}\p{C}]+', ' ', 'g')), '')
{%- endmacro %}

{#- The same for comparing: case and accents left out. -#}
{% macro name_key(expression) -%}
  lower({{ without_accents(normalise_name(expression)) }})
{%- endmacro %}

{% macro without_accents(expression) -%}
  {{ return(adapter.dispatch('without_accents', 'baton')(expression)) }}
{%- endmacro %}

{% macro default__without_accents(expression) -%}{{ expression }}{%- endmacro %}

{% macro duckdb__without_accents(expression) -%}strip_accents({{ expression }}){%- endmacro %}
