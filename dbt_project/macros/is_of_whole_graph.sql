{#- Condition of a table with a row for all identifiers or edges. Built whole, it
    refuses a graph that was touched in part: it would lose the rest. -#}
{% macro is_of_whole_graph() -%}
  {%- if is_incremental() -%}
  true
  {%- else -%}
  {{ fail_when(
      "(select count(*) from " ~ ref('int_identity__touched_components')
      ~ ") <> (select count(*) from " ~ ref('nodes') ~ ")",
      this.identifier ~ ": built whole over a partly touched graph; run the whole project with --full-refresh"
  ) }}
  {%- endif -%}
{%- endmacro %}
