"""What must stay: signals and guards that an open instance or a standing release names."""

from collections.abc import Collection, Iterable, Mapping

import duckdb

from baton.errors import Refused
from baton.project import Project
from baton.releases.instances import open_instances
from baton.releases.tree import Named
from baton.releases.uses import Use, uses

_MEND = (
    "put the file back and list it again; it can go once no instance is open on these cards and "
    "the releases that hold them are withdrawn: `baton release withdraw RELEASE --reason '...'`"
)


def require_names(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    present: Collection[Named],
    standing: Collection[str],
) -> None:
    """Raise Refused when a signal or guard is gone that somebody still goes by.

    Open instances are counted, and dbt parsed for it, only when a name is gone.
    """
    gone = [one for one in uses(con) if (one.kind, one.name) not in present]
    if not gone:
        return
    open_on = _open_by_card(con, project)
    held = [one for one in gone if one.release_id in standing or _open(one, open_on)]
    if held:
        raise Refused(
            "a signal or guard cannot be removed while a card goes by it:\n"
            + "\n".join(_lines(held, open_on)),
            where="dbt_project/models/journeys",
            mend=_MEND,
        )


def _open_by_card(con: duckdb.DuckDBPyConnection, project: Project) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in open_instances(con, project):
        card = (one.journey, one.card_hash)
        found[card] = found.get(card, 0) + one.count
    return found


def _open(use: Use, open_on: Mapping[tuple[str, str], int]) -> int:
    return open_on.get((use.journey, use.card_hash), 0)


def _lines(held: Iterable[Use], open_on: Mapping[tuple[str, str], int]) -> Iterable[str]:
    for one in held:
        card = f"journey {one.journey}, card {one.card_hash[:12]} of release {one.release_id[:12]}"
        yield f"  {one.kind} {one.name}: {card}, open instances: {_open(one, open_on)}"
