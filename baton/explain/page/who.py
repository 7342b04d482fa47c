"""Who the customer is, and the evidence for it."""

from typing import Any

from baton.explain.page.masks import Mask
from baton.explain.page.parts import Cell, Section, Table, cells, moment, when

Row = dict[str, Any]


def name(story: Row, mask: Mask) -> str:
    """Return first and last name as far as they are known."""
    fields = {one["field"]: one["value"] for one in story["fields"]}
    parts = [mask.field(part, fields[part]) for part in ("first_name", "last_name")
             if fields.get(part)]  # fmt: skip
    return " ".join(parts) or "A person without a name"


def who(story: Row, mask: Mask) -> Section:
    """Return the golden record, the identifiers, and what joins them."""
    tables = [_fields(story, mask), _identifiers(story, mask), _evidence(story, mask)]
    merges = [_merges(story)] if story["identity_changes"] else []
    return Section("who", "Who they are, and why", tables=[*tables, *merges])


def _fields(story: Row, mask: Mask) -> Table:
    rows = [
        cells(
            one["field"].replace("_", " "),
            mask.field(one["field"], one["value"]),
            f"{one['source']}: {one['rule'].replace('_', ' ')}",
            moment(one["observed_at"]),
        )
        for one in story["fields"]
    ]
    heads = ("field", "value", "said by", "observed")
    return Table("The record", heads, rows, "No field is known.")


def _identifiers(story: Row, mask: Mask) -> Table:
    rows = [
        cells(
            one["node_type"].replace("_", " "),
            mask.value(one["node_type"], one["node_value"]),
            moment(one["first_observed_at"]),
            "the oldest: gives the person its id" if one["gives_id"] else "",
        )
        for one in story["identifiers"]
    ]
    return Table("Known by", ("kind", "identifier", "first seen", "note"), rows, "By nothing.")


def _evidence(story: Row, mask: Mask) -> Table:
    rows = [
        cells(
            mask.named(one["one"]),
            mask.named(one["other"]),
            _status(one),
            Cell(one["rule"].replace("_", " "), notes=[f"confidence {one['confidence']}"]),
            Cell(f"{one['evidence_count']}x", notes=[f"first {when(one['first_observed_at'])}"]),
        )
        for one in story["evidence"]
    ]
    heads = ("one", "other", "joined", "rule", "seen")
    empty = "Nothing joins them: there is one identifier, or none was seen with another."
    return Table("What joins these identifiers", heads, rows, empty)


def _status(edge: Row) -> Cell:
    is_accepted = edge["status"] == "accepted"
    notes = [edge["reason"].replace("_", " ")] if edge["reason"] else []
    return Cell("yes" if is_accepted else f"no, {edge['status']}",
                "yes" if is_accepted else "no", notes)  # fmt: skip


def _merges(story: Row) -> Table:
    rows = [
        cells(moment(one["changed_at"]), *_turn(one, story["person_id"]))
        for one in story["identity_changes"]
    ]
    title = "Persons that turned out to be this one, or another"
    return Table(title, ("when", "change", "person"), rows)


def _turn(one: Row, person_id: str) -> tuple[str, Cell]:
    """What happened, and the other person."""
    is_into = one["to_person_id"] == person_id
    other = one["from_person_id"] if is_into else one["to_person_id"]
    words = {"merge": ("merged into this one", "merged into it"),
             "split": ("split off from it", "split off from this one")}  # fmt: skip
    into, out = words[one["kind"]]
    return into if is_into else out, Cell(other, "code")
