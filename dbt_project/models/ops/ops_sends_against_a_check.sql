select
    evaluation_id,
    outcome
from {{ ref('decisions') }}
where
    outcome in ('send', 'route', 'escalate')
    and (
        is_before_activation
        or is_superseded
        or is_already_done
        or is_expired
        or is_switched_off
        or is_suppressed
        or has_no_consent
        or has_no_address
        or has_open_case
        or is_input_stale_or_behind
        or is_quiet_hours
        or is_held_out
        or is_outranked
        or is_capped
    )
    and reason <> 'recalled_too_late'
