{#- Bounds the delete of what is evaluated again to what may still change. By name, since a
    model's config cannot ref. -#}
{% macro is_of_open_candidates() -%}
  open_until > (select w.batch_time from raw.this_window as w)
{%- endmacro %}
