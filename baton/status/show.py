"""`baton status` for people. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baton.status.tables import decision_lines, journey_lines

_UNDONE = ("pending", "retry", "claimed", "held", "dead")
_INDENT = "  "
Facts = Mapping[str, Any]


def status_lines(facts: Facts, width: int) -> Iterator[str]:
    """Yield the facts of `baton status` in lines of at most `width` where they can be so short."""
    yield f"people       {facts['people']:,}"
    yield f"identifiers  {_counted(facts['identifiers'])}"
    yield from _block("journeys", journey_lines(facts, width - len(_INDENT)))
    yield from _block("decisions", decision_lines(facts))
    yield ""
    yield f"messages     {_counted(facts['messages'])}"
    yield from (f"{_INDENT}{line}" for line in _backlog(facts))
    if late := facts["sent_before_optout"]:
        command = "baton outbox list --sent-before-optout"
        yield f"{_INDENT}{late:,} sent while an opt-out came: {command}"
    yield from _work(facts)
    yield from _standing(facts)


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield name
    yield from (f"{_INDENT}{line}" for line in lines)


def _backlog(facts: Facts) -> Iterator[str]:
    """What waits and what is dead, per destination."""
    for row in facts["backlog"]:
        counts = {name: row[name] for name in _UNDONE if row[name]}
        since = row["oldest_waits_since"]
        yield f"{row['destination']}: {_counted(counts)}" + (f", since {since}" if since else "")


def _work(facts: Facts) -> Iterator[str]:
    batches, last = facts["batches"], facts["batches"]["latest"][:1]
    yield f"batches      {batches['count']:,}" + "".join(map(_batch, last))
    yield f"deliveries   {facts['waiting_deliveries'] or 'none'} waiting"
    yield f"set aside    {_counted(facts['quarantined'])}"
    if facts["identifiers_left_out"]:
        yield f"no identity  {_counted(facts['identifiers_left_out'])}"
    if facts["erased"]["persons"]:
        yield f"erased       {_counted(facts['erased'])}"
    yield f"source rows  {_counted(facts['provenance'])}"


def _batch(last: Facts) -> str:
    state = "" if last["state"] == "committed" else f" ({last['state']})"
    return f", last {last['batch_time']}{state}, input up to {last['watermark']}"


def _standing(facts: Facts) -> Iterator[str]:
    live, clock = facts["live_release"], facts["clock"]
    broken = facts["broken_promises"]
    yield f"promises     {f'{len(broken)} broken' if broken else 'none is broken'}"
    yield from (f"{_INDENT}{line}" for line in broken)
    release = f"{live['release_id']} since {live['active_from']}" if live else "none is live"
    yield f"release      {release}"
    yield f"clock        {clock['now']}{', simulated' if clock['is_simulated'] else ''}"
    stops = [f"{one['scope']} {one['value'] or ''}".strip() + f": {one['reason']} (by {one['by']})"
             for one in facts["stopped"]]  # fmt: skip
    yield f"stopped      {'; '.join(stops) or 'nothing'}"


def _counted(counts: Mapping[str, int]) -> str:
    words = (f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    return ", ".join(words) or "none"
