{#- One kind of offers as rows of the same shape; what `given` leaves out is null. -#}
{% macro offer(given) -%}
  {%- set shape = {
      'card_hash': 'varchar', 'leaves_step': 'varchar', 'trigger': 'varchar',
      'signal': 'varchar', 'rule_no': 'integer', 'transition_id': 'varchar',
      'from_step': 'varchar', 'to_step': 'varchar', 'kind': 'varchar',
      'action': 'varchar', 'on_block': 'varchar', 'owner': 'varchar',
      'within_s': 'bigint', 'why': 'varchar', 'turn_class': 'integer', 'kind_rank': 'integer',
      'condition_id': 'varchar', 'after_s': 'bigint', 'at_s': 'bigint',
      'day_offsets': 'varchar', 'split_from': 'integer', 'split_until': 'integer',
      'trigger_name': 'varchar', 'to_card_hash': 'varchar', 'moved_at': 'timestamp', 'move_seq': 'bigint'
  } -%}
    select
        {%- for column, type in shape.items() %}
        {{ given.get(column, 'cast(null as ' ~ type ~ ')') }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
