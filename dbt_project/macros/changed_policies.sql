{#- Windows that learnt of releases, and whether one of these policies is another than in the
    release that was live before. -#}
{% macro changed_policies(policies) -%}
with policies as (
    select
        p.release_id,
        {{ listagg(
            "p.policy || cast(p.row as varchar)", "chr(30)",
            "order by p.policy, p.row_no"
        ) }} as rules
    from {{ source('control', 'release_policies') }} as p
    where p.policy in ('{{ policies | join("', '") }}')
    group by p.release_id
),

live as (
    select
        m.moment_seq,
        m.known_at,
        coalesce(p.rules, '') as rules,
        lag(coalesce(p.rules, '')) over (order by m.moment_seq) as previous_rules
    from {{ ref('stg_release__moments') }} as m
    left join policies as p
        on m.standing_release_id = p.release_id
    where m.is_live
)

select
    moment_seq,
    known_at,
    previous_rules is null or rules <> previous_rules as is_changed
from live
{%- endmacro %}
