"""What differs between two releases, or a release and the working tree."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass

from baton.releases.compile import Release


@dataclass(frozen=True)
class Difference:
    """Names that only the newer has, only the older has, or both have otherwise."""

    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)


def differences(older: Release, newer: Release) -> dict[str, Difference]:
    """Return the differences of cards, policies, signals and guards."""
    return {
        "cards": _difference(_cards(older), _cards(newer)),
        "policies": _difference(_policies(older), _policies(newer)),
        "signals": _difference(_sql(older, "signal"), _sql(newer, "signal")),
        "guards": _difference(_sql(older, "guard"), _sql(newer, "guard")),
    }


def _difference(older: Mapping[str, Hashable], newer: Mapping[str, Hashable]) -> Difference:
    both = older.keys() & newer.keys()
    return Difference(
        changed=_names(name for name in both if older[name] != newer[name]),
        added=_names(newer.keys() - older.keys()),
        removed=_names(older.keys() - newer.keys()),
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _cards(release: Release) -> dict[str, str]:
    return {one.journey: repr({**asdict(one), "card_text": None}) for one in release.cards}


def _policies(release: Release) -> dict[str, str]:
    rows: dict[str, list[object]] = {}
    for one in release.policies:
        rows.setdefault(one.policy, []).append(sorted(one.row.items()))
    return {policy: repr(of_policy) for policy, of_policy in rows.items()}


def _sql(release: Release, kind: str) -> dict[str, str]:
    return {one.name: repr(one) for one in release.sql if one.kind == kind}
