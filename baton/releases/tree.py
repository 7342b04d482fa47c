"""The SQL of signals and guards in the working tree, held against what releases recorded."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import duckdb

from baton.cards import hand_lists, sql_facts
from baton.errors import Refused
from baton.ids import make_id
from baton.journal import Activation
from baton.releases.log import standing_releases
from baton.releases.store import is_written
from baton.releases.uses import uses

Named = tuple[str, str]
_RECORDED = "select s.kind, s.name, s.checksum from raw.release_sql as s where s.release_id = ?"


class TreeSql:
    """The SQL of signals and guards that this process acts by, read once.

    What a release records never changes, so standing releases that passed are not read again.
    """

    def __init__(self, dbt_project: Path) -> None:
        self._folder = dbt_project
        self._passed: tuple[str, ...] | None = None

    @cached_property
    def checksums(self) -> Mapping[Named, str]:
        """Checksum by kind and name."""
        return tree_checksums(self._folder)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that changes when a signal or guard is changed, added, removed or listed anew."""
        facts = [f"{kind} {name} {one}" for (kind, name), one in sorted(self.checksums.items())]
        return make_id("signals and guards", *facts, *hand_lists(self._folder))

    def require_recorded(
        self, con: duckdb.DuckDBPyConnection, activations: Iterable[Activation]
    ) -> None:
        """Raise Refused when a batch would act by SQL that the live release did not record.

        Only signals and guards count that a card of a standing release names. Refused as well
        when the warehouse has not the live release, and so no rules.
        """
        standing = standing_releases(activations)
        if standing == self._passed:
            return
        _require_written(con, standing)
        unrecorded = unrecorded_sql(con, self.checksums, standing)
        if unrecorded:
            raise Refused(
                f"the SQL of {listed(unrecorded)} is not what the live release recorded",
                where=f"release {standing[-1]}",
                mend="make the change live: `baton release activate --reason '...'`; "
                "or put the files, and the variables in dbt_project.yml, back as they were",
            )
        self._passed = standing


def _require_written(con: duckdb.DuckDBPyConnection, standing: tuple[str, ...]) -> None:
    if standing and not is_written(con, standing[-1]):
        raise Refused(
            "the live release is not in this warehouse, so it has no rules to go by",
            where=f"release {standing[-1]}",
            mend="write and activate the rules again: `baton release activate --reason '...'`",
        )


def tree_checksums(dbt_project: Path) -> dict[Named, str]:
    """Return the checksums of the working tree's signals and guards, by kind and name."""
    return {(one.kind, one.name): one.checksum for one in sql_facts(dbt_project)}


def unrecorded_sql(
    con: duckdb.DuckDBPyConnection, checksums: Mapping[Named, str], standing: tuple[str, ...]
) -> list[Named]:
    """Return the signals and guards, named by standing releases, that the live one knows otherwise.

    One that the tree has not, or the live release has not recorded, counts too.
    """
    if not standing:
        return []
    rows = con.execute(_RECORDED, [standing[-1]]).fetchall()
    recorded = {(kind, name): checksum for kind, name, checksum in rows}
    named = {(one.kind, one.name) for one in uses(con) if one.release_id in standing}
    return sorted(
        one for one in named if one not in checksums or checksums[one] != recorded.get(one)
    )


def listed(names: Iterable[Named]) -> str:
    """Return `signal a, guard b`."""
    return ", ".join(f"{kind} {name}" for kind, name in names)
