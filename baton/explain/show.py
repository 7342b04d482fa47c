"""The story on a terminal."""

from typing import Any

from rich.console import Console
from rich.markup import escape


def print_story(story: dict[str, Any], console: Console) -> None:
    """Print the story in the order in which it happened: who, what is allowed, what, why."""
    _who(story, console)
    _allowed(story, console)
    _where(story, console)
    _decided(story, console)
    _sent(story, console)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{escape(text)}[/]")


def _say(console: Console, text: str) -> None:
    console.print(escape(text), soft_wrap=True)


def _who(story: dict[str, Any], console: Console) -> None:
    _heading(console, f"Who: {_name(story)} (person {story['person_id']})")
    for one in story["fields"]:
        _say(console, f"  {one['field']:<14} {one['value']}  ({one['source']}: {one['rule']})")
    _heading(console, "Known by")
    for one in story["identifiers"]:
        oldest = "  (oldest: gives the person its id)" if one["gives_id"] else ""
        _say(console, f"  {one['node_type']:<12} {one['node_value']}{oldest}")
    _heading(console, "Because")
    for one in story["evidence"]:
        why = f", {one['reason']}" if one["reason"] else ""
        _say(
            console,
            f"  {one['one']} ~ {one['other']}: {one['status']}{why} "
            f"({one['rule']}, seen {one['evidence_count']}x, confidence {one['confidence']})",
        )
    for one in story["identity_changes"]:
        _say(console, f"  {one['changed_at']}  {one['from_person_id']} was merged into this person")


def _name(story: dict[str, Any]) -> str:
    fields = {one["field"]: one["value"] for one in story["fields"]}
    name = " ".join(fields[part] for part in ("first_name", "last_name") if part in fields)
    return name or "a person without a name"


def _allowed(story: dict[str, Any], console: Console) -> None:
    _heading(console, "What they allowed")
    for one in story["permissions"]:
        word = "yes" if one["is_granted"] else "NO"
        _say(
            console,
            f"  {word:<4}{one['purpose']} by {one['channel']} to {one['address']} "
            f"({one['brand']}; {one['origin']}, {one['stated_at']}, about the {one['level']})",
        )
    for one in story["suppressions"]:
        target = one["address"] or "the person"
        _say(console, f"  NEVER {target}: {one['reason']} since {one['since']}")
    if not story["permissions"] and not story["suppressions"]:
        _say(console, "  nothing is on record: no for marketing and sales")


def _where(story: dict[str, Any], console: Console) -> None:
    _heading(console, "Where they stand")
    for one in story["instances"]:
        key = f" {one['correlation_key']}" if one["correlation_key"] else ""
        _say(console, f"  {one['journey']}{key}: {one['status']} at {one['step']}")
        for step in one["steps"]:
            action = f" -> {step['action']}" if step["action"] else ""
            _say(console, f"    {step['reached_at']}  {step['step']:<10} {step['why']}{action}")
        if one["next_due_at"]:
            _say(console, f"    next on its own: {one['next_due_at']}")
    if not story["instances"]:
        _say(console, "  in no journey")


def _decided(story: dict[str, Any], console: Console) -> None:
    _heading(console, "What was decided, and why")
    for one in story["decisions"]:
        _say(
            console,
            f"  {one['decided_at']}  {one['action']}: {one['outcome']} ({one['reason']})"
            f"  [evaluation {one['evaluation_no']}, release {one['release_id'][:12]}]",
        )
        _say(console, f"    {_checks(one['checks'])}")
    if not story["decisions"]:
        _say(console, "  nothing yet")


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
        state = (one["message"] or {}).get("state", "not handed over")
        asked = "  <- asked about" if one["message_id"] == story["message_id"] else ""
        _say(
            console,
            f"  {one['message_id']}  {one['action']} by {one['channel']}: {state}{asked}",
        )
        for attempt in one["attempts"]:
            _say(console, f"    attempt {_attempt(attempt)}")
    if not story["messages"]:
        _say(console, "  nothing")


def _attempt(attempt: dict[str, Any]) -> str:
    shown = ("started_at", "destination", "status", "verdict", "reason", "provider_id")
    return "  ".join(f"{attempt[name]}" for name in shown if attempt.get(name) is not None)
