{% macro union_signals(names) -%}
{%- for name in names %}
select
    '{{ name }}' as signal,
    s.event_id,
    s.node_id,
    s.correlation_key,
    s.occurred_at,
    s.loaded_at,
    s.loaded_seq,
    s.properties,
    {{ loop.index }} as source_priority
from {{ ref(name) }} as s
where s.node_id is not null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
