{#- True for rows of this window, in whatever way the model is built. -#}
{% macro in_this_window(column='loaded_seq') -%}
  ({{ column }} > {{ window_value('from_seq') }}
  and {{ column }} <= {{ window_value('to_seq') }})
{%- endmacro %}

{#- Condition of a model that recomputes touched persons. Built whole, it
    refuses a touched set that is not everyone: it would lose the others. A batch
    compares the column `short` where there is one. -#}
{% macro is_touched(column='person_id', short=none, touched='touched_persons') -%}
  {%- if short and is_incremental() -%}
  {{ short }} in {{ few_of(
      '(select ' ~ short_id('t.person_id') ~ ' as person_short from ' ~ ref(touched) ~ ' as t)',
      'person_short'
  ) }}
  {%- else -%}
  {{ column }} in (select t.person_id from {{ ref(touched) }} as t)
  {%- endif -%}
  {%- if not is_incremental() %}
  and {{ fail_when(
      "(select count(*) from " ~ ref(touched) ~ " as t where t.scope <> 'all') > 0",
      this.identifier ~ ": built whole over a partly touched set; run the whole project with --full-refresh"
  ) }}
  {%- endif %}
{%- endmacro %}
