"""Which signals and guards the cards of releases name."""

from dataclasses import dataclass

import duckdb

_EDGES = ("enters ", "leaves ")
_USES = """
select distinct
    r.release_id, r.journey, r.card_hash, r.signal as word, c.guard
from raw.release_rules as r
left join raw.release_conditions as c
    on r.release_id = c.release_id and r.condition_id = c.condition_id
"""


@dataclass(frozen=True, order=True)
class Use:
    """A card of a release that names a signal or guard."""

    kind: str
    name: str
    journey: str
    card_hash: str
    release_id: str


def edge_guard(word: str | None) -> str | None:
    """Return the guard of `enters g` and `leaves g`, None for a signal's name or none."""
    if word is not None and word.startswith(_EDGES):
        return word.split(" ", 1)[1]
    return None


def uses(con: duckdb.DuckDBPyConnection) -> list[Use]:
    """Return what the cards of all releases in the warehouse name, in order."""
    found: set[Use] = set()
    for release_id, journey, card_hash, word, guard in con.execute(_USES).fetchall():
        own = {"journey": journey, "card_hash": card_hash, "release_id": release_id}
        edge = edge_guard(word)
        found |= {Use("guard", name, **own) for name in (edge, guard) if name is not None}
        if word is not None and edge is None:
            found.add(Use("signal", word, **own))
    return sorted(found)
