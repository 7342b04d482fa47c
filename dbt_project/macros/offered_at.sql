{#- When offer `r` of walk row `w` would be taken: signal `s` when it happened, a
    timer when its wait is over (its clock runs from when the step was reached or,
    with `on_block: wait`, from when outcome `o` says that its action was done).
    Null where it is never. -#}
{% macro offered_at() -%}
  case r.trigger
    when 'event' then s.occurred_at
    when 'horizon' then greatest(w.reached_at, w.horizon_at)
    when 'move' then r.moved_at
    when 'block' then case
      when w.on_block = 'exit' and o.blocked_at is not null
        then greatest(w.reached_at, o.blocked_at)
    end
    else case
      when coalesce(w.on_block, '') <> 'wait'
        then {{ timer_due('w.since_at') }}
      when o.done_at is not null
        then {{ timer_due('greatest(w.since_at, o.done_at)') }}
    end
  end
{%- endmacro %}

{% macro timer_due(base) -%}
  {%- set waited = add_seconds(base, 'r.after_s') -%}
  greatest(w.reached_at, case
    when r.at_s is null then {{ waited }}
    else {{ next_local_time(waited, 'w.zone', 'r.at_s', 'r.day_offsets') }}
  end)
{%- endmacro %}
