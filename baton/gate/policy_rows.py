"""What SQLMesh does not show of a change: rows of policies, one by one."""

from collections import Counter
from dataclasses import dataclass

from baton.releases import Release


@dataclass(frozen=True)
class PolicyChange:
    """Rows of one policy that the other release has not, each as `column=cell …`."""

    policy: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def policy_changes(now: Release, planned: Release) -> list[PolicyChange]:
    """Return the policies whose rows differ, by name; a row that moved counts as none."""
    before, after = _rows(now), _rows(planned)
    changes = (
        PolicyChange(
            name,
            tuple((before.get(name, Counter()) - after.get(name, Counter())).elements()),
            tuple((after.get(name, Counter()) - before.get(name, Counter())).elements()),
        )
        for name in sorted(before.keys() | after.keys())
    )
    return [one for one in changes if one.removed or one.added]


def _rows(release: Release) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for one in release.policies:
        cells = (f"{name}={value}" for name, value in one.row.items() if value is not None)
        found.setdefault(one.policy, Counter())[" ".join(cells)] += 1
    return found
