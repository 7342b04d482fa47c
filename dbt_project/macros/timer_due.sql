{#- When a timer of rule `r` is due for a step of walk row `w` whose clock has
    run since `base`; never before the step was reached. -#}
{% macro timer_due(base) -%}
  {%- set waited = add_seconds(base, 'r.after_s') -%}
  greatest(w.reached_at, case
    when r.at_s is null then {{ waited }}
    else {{ next_local_time(waited, 'w.zone', 'r.at_s', 'r.day_offsets') }}
  end)
{%- endmacro %}
