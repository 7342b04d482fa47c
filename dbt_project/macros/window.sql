{#- The window that the batch builds, read from `raw.this_window`: SQL text
    stays the same from batch to batch, and no model reads the clock. -#}
{% macro window_value(column) -%}
  (select w.{{ column }} from {{ source('control', 'this_window') }} as w)
{%- endmacro %}

{% macro batch_time() -%}{{ window_value('batch_time') }}{%- endmacro %}

{% macro input_watermark() -%}{{ window_value('watermark') }}{%- endmacro %}

{% macro window_id() -%}{{ window_value('window_id') }}{%- endmacro %}

{#- True for rows of this window; in a full build for every row up to it. -#}
{% macro in_window(column='loaded_seq') -%}
  ({{ column }} <= {{ window_value('to_seq') }}
  {%- if is_incremental() %} and {{ column }} > {{ window_value('from_seq') }}{% endif %})
{%- endmacro %}
