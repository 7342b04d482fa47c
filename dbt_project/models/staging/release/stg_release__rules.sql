{#- The rules of every card, `any` written out as each step that can be left. Of
    releases with the same card the one activated last has the words. -#}
with activated as (
    select
        release_id,
        max(seq) as seq
    from {{ ref('stg_release__activations') }}
    where kind = 'activate'
    group by release_id
),

rules as (
    select
        r.*,
        row_number() over (
            partition by r.card_hash, r.rule_no
            order by coalesce(a.seq, 0) desc, r.release_id
        ) as copy_no
    from {{ source('control', 'release_rules') }} as r
    left join activated as a
        on r.release_id = a.release_id
),

open_steps as (
    select distinct
        card_hash,
        to_step
    from rules
    where kind in ('enter', 'step')
)

select
    r.journey,
    r.card_hash,
    r.rule_no,
    r.transition_id,
    r.kind,
    r.from_step,
    coalesce(o.to_step, r.from_step) as leaves_step,
    r.to_step,
    r.trigger,
    r.signal,
    coalesce(r.signal, 'timer') as trigger_name,
    r.turn_class,
    coalesce(r.after_s, 0) as after_s,
    r.at_s,
    r.day_offsets,
    r.split_from,
    r.split_until,
    r.condition_id,
    r.action,
    r.on_block,
    r.owner,
    r.within_s,
    r.why,
    case r.kind when 'exit' then 1 when 'goal' then 2 else 3 end as kind_rank
from rules as r
left join open_steps as o
    on r.card_hash = o.card_hash and r.from_step = 'any'
where r.copy_no = 1
