{#- The arms of the persons in `nodes`, a CTE, by holdout. After a merge of two arms the
    older assignment holds: that at position 1. -#}
{% macro arms() -%}
arms as (
    select
        n.person_id,
        h.holdout,
        h.arm,
        row_number() over (
            partition by h.holdout, n.person_id
            order by h.assigned_at, h.assignment_id
        ) as position
    from {{ ref('holdout_assignments') }} as h
    inner join nodes as n
        on h.node_id = n.node_id
)
{%- endmacro %}
