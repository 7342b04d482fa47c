"""What a release is made of: cards, policies, and checksums of the SQL they go by."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from baton.cards import (
    CompiledCard,
    Policy,
    SqlFact,
    compile_card,
    read_project,
    render,
    sql_facts,
)
from baton.errors import CheckFailed
from baton.ids import make_id


@dataclass(frozen=True)
class PolicyRow:
    """One row of a policy seed; `row_no` counts from 1, empty cells are None."""

    policy: str
    row_no: int
    row: Mapping[str, str | None]


@dataclass(frozen=True)
class Release:
    """What a release is made of. Equal content has the equal `release_id`; times are naive UTC.

    Cards are in the order of their journeys, SQL by kind and name.
    """

    release_id: str
    compiled_at: datetime
    cards: tuple[CompiledCard, ...]
    policies: tuple[PolicyRow, ...]
    sql: tuple[SqlFact, ...]

    @property
    def summary(self) -> dict[str, object]:
        """Card hash by journey, rows by policy, checksum by signal and guard."""
        return {
            "journeys": {card.journey: card.card_hash for card in self.cards},
            "policies": dict(Counter(row.policy for row in self.policies)),
            "sql": {f"{one.kind}s/{one.name}": one.checksum for one in self.sql},
        }


def compile_release(dbt_project: Path, *, now: datetime) -> Release:
    """Return the release of the working tree, compiled at `now` (naive UTC).

    The id covers everything a customer's history may quote: cards with owner and `why`, policy
    rows in their order, signal and guard SQL without comments and layout. A card's own text is
    kept but not covered, so a comment makes no new release.

    Raises CheckFailed with every problem when the check finds something.
    """
    project = read_project(dbt_project)
    if project.problems:
        raise CheckFailed(
            f"the release is refused: {len(project.problems)} to mend\n{render(project.problems)}",
            where=str(dbt_project),
            mend="mend these, then run `baton check` again",
        )
    checked = ((one.checked.card, one.text) for one in project.cards)
    cards = sorted(
        (compile_card(card, text) for card, text in checked if card), key=lambda one: one.journey
    )
    policies = tuple(row for policy in project.policies for row in _policy_rows(policy))
    sql = sql_facts(project.folder)
    release_id = content_id(cards, policies, sql)
    return Release(release_id, now, tuple(cards), policies, sql)


def content_id(
    cards: Sequence[CompiledCard], policies: Sequence[PolicyRow], sql: Sequence[SqlFact]
) -> str:
    """Return the id of a release with this content."""
    content = {
        "cards": [{**asdict(card), "card_text": None} for card in cards],
        "policies": [asdict(row) for row in policies],
        "sql": [asdict(one) for one in sql],
    }
    return make_id("release", json.dumps(content, sort_keys=True, separators=(",", ":")))


def _policy_rows(policy: Policy) -> Iterator[PolicyRow]:
    for number, line in enumerate(policy.lines, start=1):
        cells = {column: cell or None for column, cell in line.cells.items()}
        yield PolicyRow(policy.name, number, cells)
