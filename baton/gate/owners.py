"""Who owns what changed, and who may approve it: dbt's groups, as they are live."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import yaml
from dbt.contracts.graph.manifest import Manifest

from baton.gate.policy_rows import policy_changes
from baton.releases import Release
from baton.releases.project_text import Texts, kept_texts
from baton.releases.release_texts import GROUPS, groups_text
from baton.releases.thresholds import POLICY

SEEDS = "policies"
_OF_CARDS = "cards"


@dataclass(frozen=True)
class Group:
    """A dbt group: what it is called, and the addresses of those who may approve for it."""

    name: str
    title: str
    approvers: frozenset[str]


def groups_of(texts: Texts) -> dict[str, Group]:
    """Return the groups by name: the owner's address, and those in `config.meta.approvers`."""
    declared = yaml.safe_load(texts.get(GROUPS, "")) or {}
    return {one["name"]: _group(one) for one in declared.get("groups", ())}


def groups_of_release(con: duckdb.DuckDBPyConnection, release_id: str) -> dict[str, Group]:
    """Return the groups as the release was activated with them.

    An earlier version kept none: then as the last batch found them.
    """
    text = groups_text(con, release_id)
    return groups_of(kept_texts(con) if text is None else {GROUPS: text})


def changed_groups(now: Mapping[str, Group], planned: Mapping[str, Group]) -> list[str]:
    """Return the groups of now for whom others could approve, or nobody as they are gone."""
    return [
        name
        for name, one in now.items()
        if name not in planned or planned[name].approvers != one.approvers
    ]


def owners_of_models(manifest: Manifest) -> dict[str, str | None]:
    """Return the group of each model and seed by `<schema>.<name>`."""
    return {
        f"{node.schema}.{node.name}": getattr(node.config, "group", None)
        for node in manifest.nodes.values()
        if node.resource_type in ("model", "seed")
    }


def owners_of_policies(release: Release) -> dict[str, str]:
    """Return the owner of each policy by `policies.<name>`, as the release's policy `owners` says.

    Without a row there a policy is for the group of its seed.
    """
    rows = (one.row for one in release.policies if one.policy == "owners")
    return {
        f"{SEEDS}.{row['name']}": row["owner"]
        for row in rows
        if row["kind"] == "policy" and row["owner"]
    }


def stored_models(manifest: Manifest) -> frozenset[str]:
    """Return the models that go on from the rows they have, as `<schema>.<name>`."""
    return frozenset(
        f"{node.schema}.{node.name}"
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.config.materialized == "incremental"
    )


def concerned(
    models: Iterable[str], owners: Mapping[str, str | None], approvers: Iterable[str]
) -> list[str]:
    """Return the groups of changed models, and the approvers of changed cards, by name.

    A card names its own, whatever folder it lies in.
    """
    groups = {owners.get(one) for one in models if not one.startswith(f"{_OF_CARDS}.")}
    return sorted(one for one in {*groups, *approvers} if one)


def other_approvers(now: Release, planned: Release) -> int:
    """Count what makes others approve: cards of now, owners of policies, rows of their thresholds.

    A card counts that other groups would approve or that is gone, a policy whose owner is another
    one, gone or new, and each row of `release_policy` that is changed, gone or new.
    """
    after = {one.journey: one.approvers for one in planned.cards}
    cards = sum(after.get(one.journey) != one.approvers for one in now.cards)
    before, owners = owners_of_policies(now), owners_of_policies(planned)
    policies = sum(before.get(name) != owners.get(name) for name in before.keys() | owners.keys())
    rules = sum(
        max(len(one.removed), len(one.added))
        for one in policy_changes(now, planned)
        if one.policy == POLICY
    )
    return cards + policies + rules


def who_may(names: Iterable[str], groups: Mapping[str, Group]) -> list[str]:
    """Return title and addresses of each of these groups that is known."""
    known = (groups.get(name) for name in names)
    return [f"{one.title} ({', '.join(sorted(one.approvers))})" for one in known if one]


def _group(declared: Mapping[str, Any]) -> Group:
    owner = declared.get("owner") or {}
    meta = (declared.get("config") or {}).get("meta") or {}
    addresses = {owner.get("email"), *meta.get("approvers", ())}
    title = owner.get("name") or declared["name"]
    return Group(declared["name"], title, frozenset(str(one) for one in addresses if one))
