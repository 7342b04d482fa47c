with switches as (
    select
        seq,
        scope,
        value,
        is_stopped,
        reason,
        set_by,
        set_at,
        _loaded_seq as loaded_seq,
        row_number() over (
            partition by scope, value order by seq desc
        ) as recency
    from {{ source('journal', 'switches') }}
)

select
    seq,
    scope,
    value,
    is_stopped,
    reason,
    set_by,
    set_at,
    loaded_seq
from switches
where recency = 1
