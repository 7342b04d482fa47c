"""What the customer allowed, and what must not be used at all."""

from datetime import datetime
from typing import Any

from baton.explain import say
from baton.explain.page.masks import Mask
from baton.explain.page.parts import Cell, Section, Table, cells, moment

Row = dict[str, Any]

_FOR_GOOD = datetime(9999, 1, 1)
_LEAD = (
    "As the last batch found it: by what they said, and by what the policies rest each purpose on "
    "where they said nothing."
)


def allowed(story: Row, mask: Mask) -> Section:
    """Return the permissions and the suppressions."""
    tables = [_permissions(story, mask), _suppressions(story, mask)]
    return Section("allowed", "What they allowed", _LEAD, tables)


def _permissions(story: Row, mask: Mask) -> Table:
    rows = [
        cells(
            Cell(one["channel"], notes=[mask.value(one["channel"], one["address"])]),
            one["purpose"],
            one["brand"],
            _answer(one),
            say.basis(one),
            moment(one["stated_at"]),
            Cell(one["origin"] or "", notes=[mask.text(one["proof"])] if one["proof"] else []),
            _statement(one),
        )
        for one in story["permissions"]
    ]
    heads = ("channel", "purpose", "brand", "allowed", "basis", "said", "where", "statement")
    return Table("Permissions", heads, rows, "No address of theirs is known.")


def _answer(one: Row) -> Cell:
    why_not = say.why_not(one)
    word = "yes" if one["is_granted"] else "no"
    return Cell(word, word, [why_not] if why_not else [])


def _statement(one: Row) -> Cell:
    notes = [f"about the {one['level']}"] if one["statement_id"] else []
    return Cell(one["statement_id"] or "", "code", notes)


def _suppressions(story: Row, mask: Mask) -> Table:
    rows = [
        cells(
            mask.value(one["channel"], one["address"]) if one["address"] else "the person",
            Cell(one["reason"].replace("_", " "), "no"),
            moment(one["since"]),
            "for good" if one["until"] >= _FOR_GOOD else moment(one["until"]),
        )
        for one in story["suppressions"]
    ]
    heads = ("never contact", "reason", "since", "until")
    return Table("Suppressions", heads, rows, "None: no address of theirs is suppressed.")
