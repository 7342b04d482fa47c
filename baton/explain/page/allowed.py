"""What the customer allowed, and what must not be used at all."""

from datetime import datetime
from typing import Any

from baton.explain.page.masks import Mask
from baton.explain.page.parts import Cell, Section, Table, cells, moment

Row = dict[str, Any]

_FOR_GOOD = datetime(9999, 1, 1)
_LEAD = (
    "What is not listed was never said: that is a no for marketing and sales, "
    "a yes for service and transactional messages."
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
            Cell("yes", "yes") if one["is_granted"] else Cell("no", "no"),
            moment(one["stated_at"]),
            Cell(one["origin"] or "", notes=[mask.text(one["proof"])] if one["proof"] else []),
            Cell(one["statement_id"] or "", "code", [f"about the {one['level']}"]),
        )
        for one in story["permissions"]
    ]
    heads = ("channel", "purpose", "brand", "allowed", "said", "where", "statement")
    return Table("Permissions", heads, rows, "Nothing was ever said.")


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
