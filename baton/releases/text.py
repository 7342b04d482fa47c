"""Releases for people: the same facts in lines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from baton.releases.putting_back import left_lines

Facts = dict[str, Any]
_SHORT = 12


def list_lines(facts: Facts) -> Iterator[str]:
    """Yield the releases and the log of `list_facts`."""
    yield "releases"
    rows = [
        (
            one["release_id"][:_SHORT],
            _time(one["compiled_at"]),
            one["state"],
            ", ".join(one["journeys"] or ()) or "-",
        )
        for one in facts["releases"]
    ]
    yield from _table(("release", "compiled (UTC)", "", "journeys"), rows)
    yield "log"
    yield from _log(facts["log"])
    yield from _not_read(facts)


def show_lines(facts: Facts) -> Iterator[str]:
    """Yield the release of `show_facts`."""
    yield f"release {facts['release_id']}  {facts['state']}"
    yield from _log(facts["log"])
    for card in facts.get("cards", ()):
        yield from _card(card)
    if "policies" in facts:
        yield "policies  " + ", ".join(f"{name} {n}" for name, n in facts["policies"].items())
        rows = [
            (one["kind"], one["name"], one["checksum"][:_SHORT], one["source"] or "-")
            for one in facts["sql"]
        ]
        yield from _table(("SQL", "name", "checksum", "source"), rows)
    yield from _working_tree(facts)
    yield from _not_read(facts)


def activated_lines(facts: Facts) -> Iterator[str]:
    """Yield what an activation has changed."""
    yield f"live       {facts['release_id']}, from {_time(facts['active_from'])} UTC on"
    yield f"journeys   {', '.join(facts['journeys']) or 'none'}"
    yield from _digest(facts)
    changes = facts["changes"]
    if changes is None:
        return
    yield "other than the release before" if changes else "the same as the release before"
    yield from _differences(changes)
    if changes.keys() & {"signals", "guards"}:
        yield "next batch: signals and guards are read from history again; what would have acted"
        yield "before now is decided as nothing: before_activation; nothing is decided meanwhile"
    yield from _takes(facts.get("takes"))


def _takes(takes: Facts | None) -> Iterator[str]:
    if takes is None:
        return
    if takes["read_again"]:
        now, planned = takes["first_batch_now_s"], takes["first_batch_planned_s"]
        yield f"in the plan that batch took {planned:g} s, beside {now:g} s by what was live"
    if takes["goes_on"]:
        yield f"goes on from the rows it has: {', '.join(takes['goes_on'])}"
        yield "  to have its history follow: `baton run --full-refresh`, as long as a first load"


def approved_lines(facts: Facts) -> Iterator[str]:
    """Yield for whom `approve_plan` approved, and who is left."""
    yield f"approved for {', '.join(facts['approved_for'])}"
    if facts["missing"]:
        yield f"still to approve: {'; '.join(facts['may_approve'])}"
    else:
        yield f"now: baton release activate --plan {facts['plan_hash'][:_SHORT]} --reason '...'"


def _digest(facts: Facts) -> Iterator[str]:
    if digest := facts.get("ledger_digest"):
        yield f"ledgers    {digest}, to be kept elsewhere (`baton audit verify --digest`)"


def withdrawn_lines(facts: Facts) -> Iterator[str]:
    """Yield what `withdraw` has found."""
    yield f"withdrawn  {facts['withdrawn']}"
    yield f"live       {facts['live'] or 'none'}"
    for one in facts["instances"] or ():
        yield f"  {one['open']} open in {one['step']} of {one['journey']}: {_becomes(one)}"
    if facts["instances"] == []:
        yield "  no open instance is on its cards"
    messages = facts["messages"]
    yield f"  {messages['unsent']} messages not yet sent: none of them goes out"
    if messages["claimed"]:
        yield f"  {messages['claimed']} messages were on their way and are not stopped"
    if facts["put_back"]:
        yield from _put_back(facts)
    yield from _not_read(facts)
    yield from _digest(facts)
    yield "next"
    yield from (f"  {line}" for line in facts["next"])


def put_back_lines(facts: Facts) -> Iterator[str]:
    """Yield what `put_sql_back` has written, and what it left."""
    live, release, left = facts["live"], facts["release"], facts["left_as_is"]
    yield f"live       {live or 'none'}"
    yield from _put_back(facts)
    if release == live:
        yield from left_lines(left)
        return
    again = f"`baton release put-back {release[:_SHORT]}`"
    yield from left_lines(left, again)
    if not left:
        before = "; no batch runs before" if facts["put_back"] else ""
        yield f"now: `baton release activate {release[:_SHORT]} --reason '...'`{before}"


def _put_back(facts: Facts) -> Iterator[str]:
    yield f"put back   {', '.join(facts['put_back']) or 'nothing'}"


def _becomes(fate: Facts) -> str:
    if fate["becomes"] == "stays":
        return "stay, a standing release has the card"
    if fate["becomes"] == "moves":
        return f"move to card {fate['to_card'][:_SHORT]}"
    return "end as withdrawn"


def _card(card: Facts) -> Iterator[str]:
    yield (
        f"journey {card['journey']}  card {card['card_hash'][:_SHORT]}  "
        f"owner {card['owner']}  purpose {card['purpose']}"
    )
    rows = [
        (
            str(rule["rule_no"]),
            rule["from"] or "(entry)",
            rule["to"],
            " ".join(part for part in (rule["trigger"], rule["split"]) if part),
            rule["condition"] or "",
            rule["action"] or ("" if rule["kind"] in ("enter", "step") else rule["kind"]),
            rule["why"],
        )
        for rule in card["rules"]
    ]
    yield from _table(("", "from", "to", "when", "condition", "do", "why"), rows)


def _working_tree(facts: Facts) -> Iterator[str]:
    found = facts["working_tree"]
    if found is None:
        yield f"the working tree is not compared: {facts['working_tree_not_read'] or 'see below'}"
        return
    yield "the working tree differs" if found else "the working tree is the same"
    yield from _differences(found)


def _differences(found: Facts) -> Iterator[str]:
    for what, one in found.items():
        said = (f"{how} {', '.join(names)}" for how, names in one.items() if names)
        yield f"  {what}: {'; '.join(said)}"


def _log(entries: Iterable[Facts]) -> Iterator[str]:
    rows = [
        (
            str(one["seq"]),
            _time(one["recorded_at"]),
            one["kind"],
            one["release_id"][:_SHORT],
            one["set_by"],
            one["approved_by"] or "-",
            one["reason"],
        )
        for one in entries
    ]
    yield from _table(("", "at (UTC)", "", "release", "by", "approved by", "reason"), rows)


def _not_read(facts: Facts) -> Iterator[str]:
    if facts["not_read"]:
        yield f"from the journal alone: {facts['not_read']}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        yield "  none"
        return
    table = [head, *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(head))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _time(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"
