"""Plans as people may read them: values masked unless they ask, secrets never."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from activation.config import Destination
from activation.exchange import HttpRequest, Staged, Unsendable
from activation.syncs.parts import Part, Parts
from activation.syncs.plan import Plan
from baton.journal.clock import wall_clock
from baton.journal.syncs import SyncLedger

MASK = "***"
_SHOWN_HEADERS = frozenset({"content-type", "accept", "revision", "intercom-version"})
_TELLING = re.compile(r"@|%40|^[0-9a-f]{16,}$|^\+?\d{6,}$")


def plan_facts(plan: Plan) -> dict[str, Any]:
    """Numbers of a plan, and whether it may go."""
    return {
        "sync": plan.sync.name,
        "destination": plan.sync.destination,
        "purpose": plan.sync.purpose,
        "add": plan.counts.get("new", 0),
        "change": plan.counts.get("changed", 0),
        "remove": len(plan.removals) + len(plan.urgent),
        "unchanged": plan.counts.get("unchanged", 0),
        "held_now": plan.held,
        "suppressed" if plan.sync.person else "without_consent": plan.counts.get("not_allowed", 0)
        + plan.counts.get("nothing", 0),
        "dead": plan.counts.get("refused", 0),
        "kept": plan.kept,
        "as_of": plan.as_of,
        "blocked": list(plan.blocked),
        "approved_by": plan.approved_by,
        "plan": plan.plan_hash,
    }


def requests_of(
    plan: Plan,
    ledger: SyncLedger,
    destination: Destination,
    *,
    show_values: bool,
    secrets: Collection[str] = (),
) -> Iterator[dict[str, Any]]:
    """The exact requests that a run of this plan would make, in order; none is made.

    `secrets` are masked wherever they stand. Of a request that goes on with the tool's answer only
    the first question is known.
    """
    if destination.takes_files:
        yield {"file": plan.sync.model, "rows": plan.whole.rows if plan.whole else 0}
        return
    call, spellings = destination.call(plan.sync.purpose), _spellings(secrets)
    for part in Parts(plan.sync, ledger, call.facts.batch).of(plan):
        try:
            request = call.build(part.changes, destination.settings, wall_clock())
        except Unsendable as error:
            yield {"op": part.op, "rows": len(part.told), "unsendable": error.reason}
            continue
        shown = _shown(part, request, show_values=show_values)
        yield {
            name: _veiled(one, spellings) if name in ("url", "headers", "body") else one
            for name, one in shown.items()
        }


def _shown(part: Part, request: Any, *, show_values: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"op": part.op, "rows": len(part.told)}
    if isinstance(request, Staged):
        first = _shown(part, request.first, show_values=show_values)
        return first | {"then": "depends on the answer"}
    if not isinstance(request, HttpRequest):
        return facts | {"kind": type(request).__name__}
    body = request.content.decode("utf-8", "replace")
    return facts | {
        "method": request.method,
        "url": request.url if show_values else _masked_url(request.url),
        "headers": _masked_headers(request.headers),
        "body": body if show_values else _masked_body(body),
    }


def _spellings(secrets: Collection[str]) -> list[str]:
    """Secrets as they may stand in a URL or a body, the longest first."""
    ways = [
        way
        for one in secrets
        for way in (one, quote(one, safe=""), quote(one), quote_plus(one), json.dumps(one)[1:-1])
    ]
    return sorted(set(ways), key=len, reverse=True)


def _veiled(value: Any, secrets: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {_veiled(name, secrets): _veiled(one, secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [_veiled(one, secrets) for one in value]
    for secret in secrets if isinstance(value, str) else ():
        value = value.replace(secret, MASK)
    return value


def _masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value if name.lower() in _SHOWN_HEADERS else MASK for name, value in headers.items()
    }


def _masked_url(url: str) -> str:
    parts = urlsplit(url)
    path = "/".join(MASK if _TELLING.search(one) else one for one in parts.path.split("/"))
    query = urlencode([(name, MASK) for name, _ in parse_qsl(parts.query)], safe="*")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _masked_body(body: str) -> Any:
    try:
        return _masked(json.loads(body))
    except ValueError:
        pairs = parse_qsl(body)
        return urlencode([(name, MASK) for name, _ in pairs], safe="*") if pairs else MASK


def _masked(value: Any) -> Any:
    """The same shape with every text and number masked; what is true, false or null stays."""
    if isinstance(value, dict):
        return {MASK if _TELLING.search(name) else name: _masked(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return value if value is None or isinstance(value, bool) else MASK
