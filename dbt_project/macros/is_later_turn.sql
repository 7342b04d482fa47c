{#- True where a signal's turn comes after the one that walk row `w` took last. -#}
{% macro is_later_turn(occurred_at, turn_class, signal_order) -%}
  (
    {{ occurred_at }} > w.reached_at
    or (
      {{ occurred_at }} = w.reached_at
      and (
        {{ turn_class }} > w.turn_class
        or (
          {{ turn_class }} = w.turn_class
          and {{ signal_order }} > w.signal_order
        )
      )
    )
  )
{%- endmacro %}
