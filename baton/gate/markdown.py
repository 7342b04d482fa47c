"""A plan's report in Markdown, fit for a pull request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from baton.gate.decision_diff import MEASURES

Facts = Mapping[str, Any]
_SHORT = 12
_VERDICTS = {"pass": "passes", "needs_approval": "needs approval", "refused": "is refused"}


def report_markdown(report: Facts) -> str:
    """Return the report as a page; persons are ids, as in the ledgers."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Facts) -> Iterator[str]:
    yield f"## Release plan {report['plan_hash'][:_SHORT]}: {_VERDICTS[report['verdict']]}"
    yield ""
    history = report["history"]
    yield (
        f"Live {report['now']['release_id'][:_SHORT]}, planned "
        f"{report['planned']['release_id'][:_SHORT]}, by {report['planned_by']}, "
        f"{report['planned_at'][:16]} UTC."
    )
    yield (
        f"History from {str(history['from'])[:16]} to {str(history['to'])[:16]} UTC, "
        f"{history['windows']} windows in {history['slices']} slices, decided both ways; "
        f"{report['decisions']['persons']:,} customers."
    )
    yield from _findings(report)
    yield from _changed(report)
    yield from _models(report["models"])
    if "takes" in report:  # not in plans that were recorded before it was told
        yield from _takes(report["takes"])
    yield from _decisions(report["decisions"])
    yield from _section("What this did not look at")
    yield from (f"* {one}" for one in report["not_looked_at"])


def _findings(report: Facts) -> Iterator[str]:
    yield from _section("Against the release policy")
    if not report["findings"]:
        yield "The live release has no `release_policy`."
        return
    rows = [
        (
            MEASURES.get(one["measure"]) or str(one["measure"]).replace("_", " "),
            f"{one['value']:g} {one['unit']}",
            _limit(one["approval_above"]),
            _limit(one["refused_above"]),
            _VERDICTS[one["verdict"]],
        )
        for one in report["findings"]
    ]
    yield from _table(("measure", "value", "approval above", "refused above", ""), rows)
    groups = report["approval"]["groups"]
    if groups:
        second = ", by somebody else than the author" if report["approval"]["second_person"] else ""
        second += " under another account" if report["approval"].get("other_account") else ""
        yield ""
        yield f"To be approved by {', '.join(groups)}{second}."
        yield from _next(report)


def _next(report: Facts) -> Iterator[str]:
    yield ""
    plan = report["plan_hash"][:_SHORT]
    yield f"    baton release approve {plan} --by ADDRESS --reason '...'"
    if who := report["approval"].get("may_approve"):
        yield ""
        yield f"ADDRESS: {'; '.join(who)}."


def _changed(report: Facts) -> Iterator[str]:
    yield from _section("What changed")
    for kind, one in report["changed"].items():
        said = (f"{how} {', '.join(names)}" for how, names in one.items() if names)
        yield f"* {kind}: {'; '.join(said)}"
    if not report["changed"]:
        yield "* no card, policy, signal or guard"
    if report["journeys_downstream"]:
        yield f"* journeys downstream: {', '.join(report['journeys_downstream'])}"
    for one in report["policies"]:
        yield ""
        yield f"Policy `{one['policy']}`:"
        yield from _fenced([*(f"- {row}" for row in one["removed"]), *_plus(one["added"])])


def _plus(rows: Iterable[str]) -> Iterator[str]:
    return (f"+ {row}" for row in rows)


def _models(models: Sequence[Facts]) -> Iterator[str]:
    yield from _section("Models, as SQLMesh sees them")
    if not models:
        yield "No model changed."
        return
    breaks = {True: "breaking", False: "not breaking", None: "not known"}
    rows = [
        (
            f"`{one['model']}`",
            one["change"],
            breaks[one["breaking"]],
            str(len(one["downstream"])),
            _rows(one),
            _columns(one),
        )
        for one in models
    ]
    yield from _table(("model", "", "", "downstream", "rows", "columns"), rows)
    for one in models:
        if one["text_diff"] and one["kind"] != "SEED":
            yield ""
            yield f"`{one['model']}`"
            yield from _fenced(line for line in one["text_diff"].splitlines() if line.strip())


def _takes(takes: Facts) -> Iterator[str]:
    yield from _section("What the activation takes")
    now, planned = takes["first_batch_now_s"], takes["first_batch_planned_s"]
    if takes["read_again"]:
        yield (
            f"* {', '.join(takes['read_again'])}: the next batch reads signals and guards from "
            "history again and walks all journeys; nothing is decided meanwhile, sending goes on"
        )
    yield f"* the first batch took {planned:g} s here, beside {now:g} s by what is live"
    if takes["goes_on"]:
        yield (
            f"* {', '.join(takes['goes_on'])}: goes on from the rows it has; `baton run "
            "--full-refresh` builds it anew, as long as a first load, and decides nothing meanwhile"
        )


def _rows(one: Facts) -> str:
    if one["rows_now"] is None:
        return one["not_built"] or "-"
    gone, new = one["rows_only_now"], one["rows_only_planned"]
    return f"{one['rows_now']:,} → {one['rows_planned']:,} (-{gone:,} +{new:,})"


def _columns(one: Facts) -> str:
    added = [f"+{name}" for name in one["columns_added"] or ()]
    return " ".join([*added, *(f"-{name}" for name in one["columns_removed"] or ())]) or "-"


def _decisions(diff: Facts) -> Iterator[str]:
    yield from _section("Decisions that would be other ones")
    yield from _table(
        ("customers", ""), [(words, str(diff["counts"][name])) for name, words in MEASURES.items()]
    )
    changes = [one for one in diff["changes"] if one["persons_more"] or one["persons_fewer"]]
    if changes:
        yield ""
        yield from _table(
            ("journey", "channel", "action", "now", "planned", "more for", "fewer for"),
            [tuple(str(value) for value in one.values()) for one in changes],
        )
    if diff["reasons"]:
        yield ""
        yield from _table(
            ("journey", "outcome", "reason", "now", "planned"),
            [tuple(str(value) for value in one.values()) for one in diff["reasons"]],
        )
    for measure, samples in diff["samples"].items():
        yield ""
        yield f"Samples of {MEASURES[measure]}:"
        yield ""
        yield from _table(
            ("customer", "journey", "action", "channel", "now", "planned"),
            [
                (
                    one["person_id"][:_SHORT],
                    one["journey"],
                    one["action"],
                    one["channel"],
                    _said(one["now"], one["now_at"]),
                    _said(one["planned"], one["planned_at"]),
                )
                for one in samples
            ],
        )


def _said(what: str | None, at: object) -> str:
    return "-" if what is None else f"{what}, {str(at)[11:16]}"


def _limit(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _section(title: str) -> Iterator[str]:
    yield from ("", f"### {title}", "")


def _fenced(lines: Iterable[str]) -> Iterator[str]:
    yield from ("", "```diff", *lines, "```")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
