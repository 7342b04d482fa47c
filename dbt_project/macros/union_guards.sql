{% macro union_guards(names) -%}
{%- for name in names %}
select
    '{{ name }}' as guard,
    g.subject_key,
    g.node_id,
    g.since,
    g.until,
    g.observed_at,
    g.loaded_at,
    g.loaded_seq
from {{ ref(name) }} as g
where g.node_id is not null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
