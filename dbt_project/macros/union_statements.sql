{#- What staging models of one shape say about consent, each row as it was said. -#}
{% macro union_statements(names) -%}
{%- for name in names %}
select
    s.statement_id,
    s.node_id,
    s.contact_point_id,
    s.names_address,
    s.email,
    s.phone,
    s.channel,
    s.purpose,
    s.brand,
    s.is_granted,
    s.is_confirmed,
    s.occurred_at,
    s.valid_until,
    s.origin,
    s.proof,
    s.loaded_at,
    s.loaded_seq
from {{ ref(name) }} as s
where s.node_id is not null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
