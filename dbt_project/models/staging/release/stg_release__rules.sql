select
    journey,
    card_hash,
    rule_no,
    transition_id,
    kind,
    from_step,
    to_step,
    trigger,
    signal,
    after_s,
    condition_id,
    action,
    case kind when 'exit' then 1 when 'goal' then 2 else 3 end as kind_rank,
    min(why) as why
from {{ source('control', 'release_rules') }}
group by
    journey,
    card_hash,
    rule_no,
    transition_id,
    kind,
    from_step,
    to_step,
    trigger,
    signal,
    after_s,
    condition_id,
    action
