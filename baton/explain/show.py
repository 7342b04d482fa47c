"""The story on a terminal."""

import textwrap
from typing import Any

from rich.console import Console
from rich.markup import escape

from baton.explain import decided, grounds, paths, say

_HANGING = 4


def print_story(story: dict[str, Any], console: Console) -> None:
    """Print the story in the order in which it happened: who, what is allowed, what, why.

    Lines are broken only on a terminal, so that what is piped can be searched line by line.
    """
    _asked(story, console)
    _who(story, console)
    _allowed(story, console)
    _where(story, console)
    _gone(story, console)
    _decided(story, console)
    _sent(story, console)
    _experiments(story, console)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{escape(text)}[/]", soft_wrap=not console.is_terminal)


def _say(console: Console, text: str, indent: int = 2) -> None:
    lines = [" " * indent + text]
    if console.is_terminal:
        lines = textwrap.wrap(
            text,
            console.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + _HANGING),
            break_on_hyphens=False,
            break_long_words=False,
        )
    for line in lines:
        console.print(escape(line), soft_wrap=True)


def _asked(story: dict[str, Any], console: Console) -> None:
    about = story["about"]
    if about is None:
        return
    _heading(console, f"Asked about: message {about['message_id']}")
    _say(console, say.message(about))
    step = about["step"]
    if step is None:
        _say(console, f"its step of {say.name_of(about)} is no more, see below")
    else:
        why = f"{step['step']} at {step['reached_at']}, {say.arrival(step)}"
        _say(console, f"because {say.name_of(about)} came to {why}")


def _who(story: dict[str, Any], console: Console) -> None:
    _heading(console, f"Who: {_name(story)} (person {story['person_id']})")
    for one in story["fields"]:
        _say(console, f"{one['field']:<14} {one['value']}  ({one['source']}: {one['rule']})")
    _heading(console, "Known by")
    for one in story["identifiers"]:
        oldest = "  (oldest: gives the person its id)" if one["gives_id"] else ""
        _say(console, f"{one['node_type']:<12} {one['node_value']}{oldest}")
    _heading(console, "Because")
    for one in story["evidence"]:
        why = f", {one['reason']}" if one["reason"] else ""
        _say(
            console,
            f"{one['one']} ~ {one['other']}: {one['status']}{why} "
            f"({one['rule']}, seen {one['evidence_count']}x, confidence {one['confidence']})",
        )
    for one in story["identity_changes"]:
        _say(console, f"{one['changed_at']}  {_change(one, story['person_id'])}")


def _change(one: dict[str, Any], person_id: str) -> str:
    is_into = one["to_person_id"] == person_id
    other = one["from_person_id"] if is_into else one["to_person_id"]
    if one["kind"] == "merge":
        return f"{other} was merged into this person" if is_into else f"merged into {other}"
    return f"split off from {other}" if is_into else f"{other} was split off from this person"


def _name(story: dict[str, Any]) -> str:
    fields = {one["field"]: one["value"] for one in story["fields"]}
    name = " ".join(fields[part] for part in ("first_name", "last_name") if part in fields)
    return name or "a person without a name"


def _allowed(story: dict[str, Any], console: Console) -> None:
    _heading(console, "What they allowed")
    for one in story["permissions"]:
        _say(console, _permission(one))
    for one in story["suppressions"]:
        target = one["address"] or "the person"
        _say(console, f"NEVER {target}: {one['reason']} since {one['since']}")
    if not story["permissions"]:
        _say(console, "no address of theirs is known")


def _permission(one: dict[str, Any]) -> str:
    word = "yes" if one["is_granted"] else "NO"
    said = f"{one['origin']}, {one['stated_at']}, about the {one['level']}"
    grounds = [say.why_not(one), f"basis: {say.basis(one)}", said if one["statement_id"] else None]
    told = "; ".join(part for part in (one["brand"], *grounds) if part)
    return f"{word:<4}{one['purpose']} by {one['channel']} to {one['address']} ({told})"


def _where(story: dict[str, Any], console: Console) -> None:
    _heading(console, "Where they stand, and how they came there")
    for one in story["instances"]:
        _say(console, f"{say.name_of(one)}: {say.standing(one)}")
        width = max((len(step["step"]) for step in one["steps"]), default=0)
        for step in one["steps"]:
            _say(console, f"{step['reached_at']}  {step['step']:<{width}}  {say.arrival(step)}", 4)
            if done := say.done(step):
                _say(console, f"-> {done}", 8)
        if ahead := say.ahead(one):
            _say(console, ahead, 4)
    if not story["instances"]:
        _say(console, "in no journey")


def _gone(story: dict[str, Any], console: Console) -> None:
    if not story["gone"]:
        return
    _heading(console, "Where they stood, before it turned out otherwise")
    for one in story["gone"]:
        _say(console, f"{say.name_of(one)}: {say.no_more(one)}")
        for message in one["messages"]:
            _say(console, f"-> {say.message(message)}", 8)


def _decided(story: dict[str, Any], console: Console) -> None:
    _heading(console, "What was decided, and by which checks")
    for one in story["decisions"]:
        _say(
            console,
            f"{one['decided_at']}  {say.name_of(one)}: {one['action']}: {one['outcome']} "
            f"({one['reason']})  [evaluation {one['evaluation_no']}, "
            f"release {one['release_id'][:12]}]",
        )
        for ground in grounds.grounds(one):
            _say(console, ground, 4)
        if rank := grounds.rank(one):
            _say(console, rank, 4)
        _say(console, _checks(one["checks"]), 4)
        if one["answered_by_message_id"]:
            _say(console, f"done by message {one['answered_by_message_id']}", 4)
    if not story["decisions"]:
        _say(console, "nothing yet")


def _checks(checks: dict[str, bool | None]) -> str:
    failed = [name for name, value in checks.items() if value]
    unknown = [name for name, value in checks.items() if value is None]
    passed = len(checks) - len(failed) - len(unknown)
    parts = [f"{passed} checks passed"]
    parts += [f"failed: {', '.join(failed)}"] if failed else []
    parts += [f"not evaluated: {', '.join(unknown)}"] if unknown else []
    return "; ".join(parts)


def _sent(story: dict[str, Any], console: Console) -> None:
    _heading(console, "What was sent")
    for one in story["messages"]:
        asked = "  <- asked about" if one["message_id"] == story["message_id"] else ""
        _say(console, f"{one['message_id']}  {say.message(paths.told(one))}{asked}")
        for ground in _held_by(one, story["decisions"]):
            _say(console, ground, 4)
        for attempt in one["attempts"]:
            _say(console, f"attempt {_attempt(attempt)}", 4)
    if not story["messages"]:
        _say(console, "nothing")


def _held_by(message: dict[str, Any], decisions: list[dict[str, Any]]) -> list[str]:
    latest = decided.latest_of(message["message_id"], decisions)
    return grounds.of_message(message, latest)


def _experiments(story: dict[str, Any], console: Console) -> None:
    if not story["experiments"]:
        return
    _heading(console, "In which control groups they are")
    for one in story["experiments"]:
        _say(console, f"{one['holdout']}: {say.arm(one)}")


def _attempt(attempt: dict[str, Any]) -> str:
    shown = ("claimed_at", "destination", "status", "verdict", "reason", "provider_id")
    return "  ".join(f"{attempt[name]}" for name in shown if attempt.get(name) is not None)
