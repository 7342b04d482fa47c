{#- Entries of the log that changed what identities and profiles are made by. -#}
with policies as (
    select
        p.release_id,
        {{ listagg(
            "p.policy || cast(p.row as varchar)", "chr(30)",
            "order by p.policy, p.row_no"
        ) }} as rules
    from {{ source('control', 'release_policies') }} as p
    where p.policy in ('identity_rules', 'field_trust', 'channels')
    group by p.release_id
),

live as (
    select
        m.moment_seq,
        m.known_at,
        p.rules,
        lag(p.rules) over (order by m.moment_seq) as previous_rules
    from {{ ref('stg_release__moments') }} as m
    inner join policies as p
        on m.standing_release_id = p.release_id
    where m.is_live
)

select
    moment_seq,
    known_at,
    previous_rules is null or rules <> previous_rules as is_changed
from live
