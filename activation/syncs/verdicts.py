"""What a tool's answer says of the rows of one request."""

import re
from collections.abc import Sequence

from activation.exchange import ItemVerdict
from activation.syncs.parts import Part
from baton.journal.sync_records import Judged, Told

_OF_THE_CALLER = re.compile(r"http (401|402|403|404|405|407|410)\b")


def is_of_caller(verdicts: Sequence[ItemVerdict]) -> bool:
    """Whether the answer speaks of who asks, not of the rows: no permission, no such place."""
    return bool(_OF_THE_CALLER.match(verdicts[0].reason))


def complete(verdicts: Sequence[ItemVerdict], part: Part) -> list[ItemVerdict]:
    """One verdict per row: nobody knows of a row that the answer passes over."""
    wanted = {one.row_key for one in part.told}
    found = {one.item_id: one for one in verdicts if one.item_id in wanted}
    missing = wanted - found.keys()
    return [*found.values(), *(ItemVerdict(key, "ambiguous", "no_verdict") for key in missing)]


def opted_out(
    part: Part, verdicts: Sequence[ItemVerdict], channel: str | None
) -> list[tuple[str, str]]:
    """Channel and address of the rows of which the tool says so, where they have an address."""
    said = {one.item_id for one in verdicts if one.outcome == "opted_out"}
    if channel is None or not said or not part.addresses:
        return []
    pairs = zip(part.told, part.addresses, strict=True)
    return [(channel, address) for one, address in pairs if address and one.row_key in said]


def judged_of(part: Part, verdicts: Sequence[ItemVerdict]) -> list[Judged]:
    """The same for the journal: rows by outcome and reason."""
    told_of = {one.row_key: one for one in part.told}
    rows: dict[tuple[str, str], list[Told]] = {}
    ids: dict[tuple[str, str], dict[str, str]] = {}
    for one in verdicts:
        same = (one.outcome, one.reason)
        rows.setdefault(same, []).append(told_of[one.item_id])
        if one.provider_id is not None:
            ids.setdefault(same, {})[one.item_id] = one.provider_id
    return [Judged(*same, found, ids.get(same, {})) for same, found in rows.items()]
