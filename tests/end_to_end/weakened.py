"""The dbt project without its checks of consent and open cases, to show what they keep away."""

from .harness import Edit

_CHECKS = "macros/candidate_checks.sql"
_HAND_OVER = "models/activation/int_activation__hand_over.sql"
_BLOCKS = "models/activation/int_activation__address_blocks.sql"
_CARD = "models/journeys/cards/quote_stalled.sql"

WITHOUT_CHECKS = (
    Edit(
        _CHECKS,
        """not p.is_internal
        and pt.contact_point_id is not null
        and (
            not coalesce(pt.has_consent, false)
            or (
                p.is_judged_first
                and coalesce(
                    pt.consent_at > p.due_at + interval '15 minutes', false
                )
            )
        ) as has_no_consent""",
        "false as has_no_consent",
    ),
    Edit(
        _CHECKS,
        """p.class in ('marketing', 'sales')
        and p.person_id in (
            select g.person_id from standing_guards as g
            where g.guard = 'open_case'
        ) as has_open_case""",
        "false as has_open_case",
    ),
    Edit(
        _HAND_OVER,
        "when not coalesce(c.is_granted, false) then 'no_consent'",
        "",
    ),
    Edit(
        _HAND_OVER,
        """u.class in ('marketing', 'sales')
        and u.person_id in (select x.person_id from open_cases as x)
            as has_open_case""",
        "false as has_open_case",
    ),
    Edit(_BLOCKS, "select * from by_address\n", "select * from by_address where false\n"),
    Edit(_BLOCKS, "select * from by_person\n", "select * from by_person where false\n"),
    Edit(_CARD, ", unless: open_case", ""),
)
