{#- Rows of one policy as the live release has them, typed. -#}
{% macro policy_rows(policy, columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(nullif({{ json_text('p.row', name) }}, '') as {{ type }}) as {{ name }},
    {%- endfor %}
    p.release_id
from {{ source('control', 'release_policies') }} as p
inner join {{ ref('stg_release__live') }} as live
    on p.release_id = live.release_id
where p.policy = '{{ policy }}'
{%- endmacro %}
