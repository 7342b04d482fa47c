{{ config(materialized='view', tags=['view']) }}

{%- set checks = [
    ('before_activation', 'is_before_activation'),
    ('superseded', 'is_superseded'),
    ('already_done', 'is_already_done'),
    ('expired', 'is_expired'),
    ('switched_off', 'is_switched_off'),
    ('suppressed', 'is_suppressed'),
    ('no_consent', 'has_no_consent'),
    ('no_address', 'has_no_address'),
    ('open_case', 'has_open_case'),
    ('stale_or_behind_input', 'is_input_stale_or_behind'),
    ('quiet_hours', 'is_quiet_hours'),
    ('holdout', 'is_held_out'),
    ('outranked', 'is_outranked'),
    ('capped', 'is_capped')
] %}

{#- Written as joins, not as unions: a filter on the evaluation reaches the ledger once. -#}
with checks as (
    {%- for name, column in checks %}
    select
        {{ loop.index - 4 }} as position,
        '{{ name }}' as check_name
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    d.evaluation_id,
    d.candidate_id,
    c.position,
    c.check_name,
    case c.check_name
        {%- for name, column in checks %}
        when '{{ name }}' then d.{{ column }}
        {%- endfor %}
    end as has_failed,
    case c.check_name
        when 'holdout' then d.held_out_by
        when 'outranked' then d.outranked_by
        when 'capped' then d.capped_by
    end as failed_by,
    d.decided_at
from {{ ref('decisions') }} as d
cross join checks as c
