{#- All rows of CTE `computed`, and the rows of the touched persons that are no
    longer among them, marked as not current: a delete that every incremental
    engine can do, since the key stays unique. -#}
{% macro with_tombstones(key, columns, touched='touched_persons') -%}
{%- if is_incremental() %}, gone as {{ kept() }} (
    select t.{{ key }}
    from {{ this }} as t
    where
        t.is_current
        and {{ is_touched('t.person_id', 't.person_short', touched) }}
        and not exists (
            select 1 as found from computed as c
            where c.{{ key }} = t.{{ key }}
        )
)

{% endif -%}
select
    {%- for column in columns %}
    c.{{ column }},
    {%- endfor %}
    true as is_current,
    {{ window_id() }} as computed_window_id
from computed as c
{%- if is_incremental() %}
union all
select
    {%- for column in columns %}
    t.{{ column }},
    {%- endfor %}
    false as is_current,
    {{ window_id() }} as computed_window_id
from {{ this }} as t
inner join gone as g
    on t.{{ key }} = g.{{ key }}
where t.is_current
{%- endif %}
{%- endmacro %}
