"""Mistakes: who answers for what, and what journeys rely on."""

from mistakes.table import Mistake, Mistakes, Said, change

_OWNERS = "seeds/policies/owners.csv"
_PURPOSE = "purpose: marketing\n"
_GROUPS_MEND = "use one of `sales`, `service`, or define the group in models/_groups.yml"


def _head(added: str, *said: Said) -> Mistake:
    """Return the mistake of having this in the head too, from the card's line 5 on."""
    return change(_PURPOSE, f"{_PURPOSE}{added}\n", *said)


GOVERNANCE_MISTAKES: Mistakes = {
    "approvers that are no group": _head(
        "approvers: [sales, legal]",
        Said("unknown_group", 5, "no dbt group is called `legal`", _GROUPS_MEND),
    ),
    "a duty of no group": _head(
        "raci: {accountable: salse}",
        Said("unknown_group", 5, "no dbt group is called `salse`", "did you mean `sales`?"),
    ),
    "a misspelt duty": _head(
        "raci: {consultet: sales}",
        Said("unknown_key", 5, "`consultet` is not a key Baton knows", "did you mean `consulted`?"),
    ),
    "two who are accountable": _head(
        "raci: {accountable: [sales, service]}",
        Said(
            "wrong_type",
            5,
            "`accountable` has the wrong type",
            "it must be text; put it in quotes if it looks like a number, a date or yes/no",
        ),
    ),
    "a cadence that is a word": _head(
        "review_every: quarterly",
        Said(
            "bad_duration",
            5,
            "`review_every` is not a duration",
            'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"',
        ),
    ),
    "a need of nothing": _head(
        "needs: [{fresh_within: 2 hours}]",
        Said(
            "need_of_one",
            5,
            "a need names none or several inputs",
            "name one `signal`, `guard` or `field`; write a need for each",
        ),
    ),
    "a need that no step has": _head(
        "needs: [{signal: order_paid}]",
        Said(
            "need_unused",
            5,
            "no step asks for the signal `order_paid`",
            "use one of `case_opened`, `quote_started`, `quote_submitted`, or take the need out",
        ),
    ),
    "a need of no field": _head(
        "needs: [{field: emial}]",
        Said(
            "unknown_field", 5, "no field of the profile is called `emial`", "did you mean `email`?"
        ),
    ),
    "a need that nothing promises": _head(
        "needs: [{signal: case_opened, fresh_within: 2 hours}]",
        Said(
            "need_without_promise",
            5,
            "the signal `case_opened` promises no freshness",
            "add `meta: {baton: {source: web.events, fresh_within: 2 hours}}` under `config` of "
            "the signal, or take it out",
        ),
    ),
    "a need beyond the promise": _head(
        "needs: [{signal: quote_started, fresh_within: 1 hour}]",
        Said(
            "need_beyond_promise",
            5,
            "the signal `quote_started` promises less than is needed",
            "let `quote_started` promise more, or need less",
        ),
    ),
    "an owner of what is not there": change(
        "policy,caps",
        "policy,cups",
        Said("owners_bad_name", 3, "no policy is called `cups`", "did you mean `caps`?"),
        file=_OWNERS,
    ),
    "an owner that is no group of dbt": change(
        "email,service",
        "email,servce",
        Said(
            "owners_bad_owner",
            2,
            "`owner` is none Baton knows: `servce`",
            "did you mean `service`?",
        ),
        file=_OWNERS,
    ),
    "a kind of thing that nobody owns": change(
        "destination,mail",
        "desination,mail",
        Said(
            "owners_bad_kind",
            4,
            "`kind` is none Baton knows: `desination`",
            "did you mean `destination`?",
        ),
        file=_OWNERS,
    ),
    "a review every now and then": change(
        "service,90 days",
        "service,seldom",
        Said(
            "owners_bad_review_every",
            2,
            "`review_every` is not a duration: `seldom`",
            'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days", or '
            "leave it blank for no review",
        ),
        file=_OWNERS,
    ),
    "two owners of one thing": change(
        "policy,caps,sales,\n",
        "policy,caps,sales,\npolicy,caps,service,\n",
        Said(
            "owners_twice",
            4,
            "a row is given twice: kind, name",
            "keep one; the first stands on line 3",
        ),
        file=_OWNERS,
    ),
}
