"""Identity on a terminal: who, by which evidence, who decided what. Pure."""

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]

REASONS = {
    "withdrawn": "its records do not show it any more",
    "blocked_value": "one of the values is blocked: it is nobody's own",
    "type_does_not_link": "identifiers of such a type join nobody",
    "never_link": "a decision keeps them apart",
    "fanout_cap": "one of the values is shared by more than the cap allows",
    "cardinality": "it belongs to another account by stronger evidence",
    "limit": "a person may not have that many of such an identifier",
}
_DECIDED = {"force": "are the same person", "never": "are kept apart"}


def pair_lines(story: Row) -> Iterator[str]:
    """Yield the answer about two identifiers, its path, what is refused, and decisions."""
    one, other = story["ends"]
    yield f"{_node(one)} (person {one['person_id']})"
    yield f"{_node(other)} (person {other['person_id']})"
    yield from _verdict(story, is_one_node=one == other)
    for number, edge in enumerate(story["path"], 1):
        yield f"  {number}. {_edge(edge)}"
    if story["refused"]:
        yield "Refused between the two"
        yield from (f"  {_edge(edge)}" for edge in story["refused"])
    yield from _decisions(story["decisions"])


def person_lines(story: Row) -> Iterator[str]:
    """Yield a person's identifiers, edges, decisions, and merges and splits."""
    yield f"Person {story['person_id']} is known by"
    for node in story["identifiers"]:
        yield f"  {_node(node)}{'  (oldest: gives the id)' if node['gives_id'] else ''}"
    yield "Because"
    yield from (f"  {_edge(edge)}" for edge in story["edges"])
    if not story["edges"]:
        yield "  nothing links this identifier to another"
    yield from _decisions(story["decisions"])
    yield "What has changed"
    yield from (f"  {_change(change)}" for change in story["changes"])
    if not story["changes"]:
        yield "  nothing: the person has been one from the beginning"


def override_line(row: Row) -> str:
    """Return a decision that stands."""
    who = f"by {row['decided_by']}" + (f" at {row['decided_at']}" if row["decided_at"] else "")
    waits = "" if row["is_taken_in"] else "  (the next batch takes it in)"
    ends = f"{_node(row['one'])} and {_node(row['other'])}"
    return f"{ends} {_DECIDED[row['kind']]}: {row['reason']} ({who}){waits}"


def _verdict(story: Row, *, is_one_node: bool) -> Iterator[str]:
    if is_one_node:
        yield "Both are the same identifier."
    elif story["verdict"] == "same_person":
        yield "The same person, by this path (its weakest link is as strong as can be)"
    elif story["verdict"] == "kept_apart":
        refused = [edge for edge in story["path"] if edge["status"] != "accepted"]
        links = "link" if len(refused) == 1 else f"{len(refused)} links"
        yield f"Two persons: the nearest path needs the {links} that {_is(refused)} refused"
    else:
        yield "Two persons: no record links one to the other"


def _is(refused: list[Row]) -> str:
    return "is" if len(refused) == 1 else "are"


def _decisions(rows: list[Row]) -> Iterator[str]:
    if rows:
        yield "Decided"
        yield from (f"  {override_line(row)}" for row in rows)


def _edge(edge: Row) -> str:
    seen = f"seen {edge['evidence_count'] or 0}x" if edge["rule"] != "force" else "decided"
    since = f", {edge['first_observed_at']} to {edge['last_observed_at']}"
    when = since if edge["first_observed_at"] else ""
    why = (
        ""
        if edge["status"] == "accepted"
        else f": REFUSED, {REASONS.get(edge['reason'], edge['reason'])}"
    )
    grounds = f"{edge['rule']}, {seen}, confidence {edge['confidence']}{when}"
    return f"{_node(edge['one'])} ~ {_node(edge['other'])} ({grounds}){why}"


def _change(change: Row) -> str:
    by = f" by {change['decided_by']}" if change["decided_by"] else ""
    why = f": {change['reason']}" if change["reason"] else ""
    who = f"{change['from_person_id']} -> {change['to_person_id'] or 'nobody'}"
    rule = f" ({change['rule']})" if change["rule"] else ""
    return f"{change['changed_at']}  {change['kind']}  {who}{rule}{why}{by}"


def _node(node: Row | None) -> str:
    return f"{node['type']} {node['value']}" if node else "an identifier that is not known"


def conflict_lines(rows: list[Row]) -> Iterator[str]:
    """Yield conflicts, each with what to do next."""
    for row in rows:
        yield (
            f"{row['kind']}: {_node(row['identifier'])} (person {row['component_person_id']}): "
            f"{row['edge_count']} refused, {row['person_count']} persons"
        )
        yield f"  next: {row['next']}"
    if not rows:
        yield "nothing to settle"
