"""What a plan found, as plain facts, with the verdict of the release policy."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from baton.gate.impact import ModelChange
from baton.gate.owners import (
    SEEDS,
    Group,
    changed_groups,
    concerned,
    groups_of,
    other_approvers,
    owners_of_policies,
    who_may,
)
from baton.gate.policy_rows import policy_changes
from baton.gate.two_sides import Compared
from baton.releases import Difference, Release, differences
from baton.releases.admission import content_hash
from baton.releases.project_text import Texts, checksum
from baton.releases.thresholds import (
    POLICY,
    judge,
    thresholds_of,
    verdict_of,
    wants_other_account,
    wants_second_person,
)
from baton.releases.uses import edge_guard

Facts = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What is live and what is planned: rules, and the project's text."""

    base: Release
    planned: Release
    kept: Texts
    texts: Texts
    groups: Mapping[str, Group]


def report_of(
    change: Change,
    compared: Compared,
    models: list[ModelChange],
    owners: Mapping[str, str | None],
    stored: frozenset[str],
) -> Facts:
    """Return what a plan found, judged by the policy that is live; `owners` by model and seed.

    Of a policy the owner counts that the live policy `owners` names. `stored` are the models that
    go on from the rows they have.
    """
    diff, base, planned = compared.diff, change.base, change.planned
    kept, texts = change.kept, change.texts
    breaking = sum(one.breaking is not False for one in models if _may_break(one))
    regrouped = changed_groups(change.groups, groups_of(texts))
    approvers = other_approvers(base, planned) + len(regrouped)
    values = {**diff.counts, "breaking_models": breaking, "other_approvers": approvers}
    findings = judge(thresholds_of(base), values, persons=diff.persons)
    found = differences(base, planned)
    cards = {one.journey: one for release in (planned, base) for one in release.cards}
    touched = [group for one in _names(found["cards"]) for group in cards[one].approvers]
    touched += regrouped
    owners = {**owners, **owners_of_policies(base)}
    seeds = [f"{SEEDS}.{one}" for one in _names(found["policies"])]
    verdict = verdict_of(findings)
    groups = concerned([*seeds, *(one.model for one in models)], owners, touched)
    if not groups:  # what nobody owns is for those who set the thresholds
        groups = concerned([f"{SEEDS}.{POLICY}"], owners, ())
    return {
        "content_hash": content_hash(base.release_id, kept, planned.release_id, texts),
        "now": {"release_id": base.release_id, "checksum": checksum(kept)},
        "planned": {"release_id": planned.release_id, "checksum": checksum(texts)},
        "verdict": verdict,
        "findings": [asdict(one) for one in findings],
        "approval": {
            "groups": groups if verdict == "needs_approval" else [],
            "may_approve": who_may(groups, change.groups) if verdict == "needs_approval" else [],
            "second_person": wants_second_person(findings),
            "other_account": wants_other_account(findings),
        },
        "changed": {name: asdict(one) for name, one in found.items() if one},
        "files": _files(kept, texts),
        "policies": [asdict(one) for one in policy_changes(base, planned)],
        "models": [asdict(one) for one in models],
        "journeys_downstream": _journeys(models, (base, planned)),
        "history": _history(compared),
        "takes": _takes(compared, found, models, stored),
        "decisions": diff.facts(),
        "not_looked_at": list(_not_looked_at(compared, models)),
    }


def _names(found: Difference) -> tuple[str, ...]:
    return (*found.changed, *found.added, *found.removed)


def _may_break(one: ModelChange) -> bool:
    """A card's own model and a seed break nothing in SQL: their effect is in the decisions."""
    return one.kind != "SEED" and not one.model.startswith("cards.") and one.change != "added"


def _files(kept: Texts, texts: Texts) -> dict[str, list[str]]:
    both = kept.keys() & texts.keys()
    return {
        "changed": sorted(one for one in both if kept[one] != texts[one]),
        "added": sorted(texts.keys() - kept.keys()),
        "removed": sorted(kept.keys() - texts.keys()),
    }


def _journeys(models: Iterable[ModelChange], releases: Iterable[Release]) -> list[str]:
    """Journeys whose cards name a signal or guard that changed, or lies below what did."""
    below = {name.split(".")[-1] for one in models for name in (one.model, *one.downstream)}
    found: set[str] = set()
    for card in (one for release in releases for one in release.cards):
        words = {word for rule in card.rules if (word := edge_guard(rule.signal) or rule.signal)}
        words |= {one.guard for one in card.conditions}
        if words & below:
            found.add(card.journey)
    return sorted(found)


def _takes(
    compared: Compared,
    found: Mapping[str, Difference],
    models: Iterable[ModelChange],
    stored: frozenset[str],
) -> Facts:
    """What the batch after the activation does anew, and what nothing does anew.

    Signals and guards are read from history again, and journeys walked; other stored models are not
    rebuilt when they, or what they read, change.
    """
    again = [name for kind in ("signals", "guards") for name in _names(found[kind])]
    others = [one for one in models if one.model.split(".")[-1] not in again]
    seen = {name for one in others for name in (one.model, *one.downstream)}
    now, planned = compared.first_batch_s
    return {
        "read_again": sorted(again),
        "first_batch_now_s": now,
        "first_batch_planned_s": planned,
        "goes_on": sorted(seen & stored),
    }


def _history(compared: Compared) -> Facts:
    span = compared.span
    return {
        "from": span.start.batch_time,
        "to": span.slices[-1].batch_time,
        "windows": span.windows,
        "slices": len(span.slices),
    }


def _not_looked_at(compared: Compared, models: Iterable[ModelChange]) -> Generator[str]:
    span = compared.span
    yield "what happened before, and what customers and tools will do: only recent history"
    yield (
        "what customers would have done upon a message that they did not get; a message that was "
        "not sent then counts as accepted at once"
    )
    yield "templates, destinations, syncs and retention: they belong to no release"
    yield "limits of runaways, and switches set after the planned messages would have gone out"
    if span.windows > len(span.slices):
        yield (
            f"the exact slicing: {span.windows} windows were decided in {len(span.slices)}, "
            "on both sides alike"
        )
    for one in models:
        if one.not_built is not None:
            yield f"rows of {one.model} beside those of now: {one.not_built}"
