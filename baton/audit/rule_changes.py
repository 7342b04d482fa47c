"""What each activation changed: cards, policies, signals and guards, by name."""

from collections.abc import Mapping, Sequence

import duckdb

from baton.journal import Activation
from baton.releases.difference import differences
from baton.releases.log import live_release
from baton.releases.store import is_written, read_release

Changes = Mapping[str, Mapping[str, Sequence[str]]]


def rule_changes(con: duckdb.DuckDBPyConnection, log: Sequence[Activation]) -> dict[int, Changes]:
    """Return, by the number of its entry, what was other once a release went live or back.

    What was changed, added and removed, by kind; empty where the rules stayed the same, absent
    where a release is not in the warehouse or none was live before or after.
    """
    found: dict[int, Changes] = {}
    before: str | None = None
    for at, entry in enumerate(log, start=1):
        after = live_release(log[:at])
        if before and after and is_written(con, before) and is_written(con, after):
            told = differences(read_release(con, before), read_release(con, after))
            found[entry.seq] = {
                kind: {name: names for name, names in vars(one).items() if names}
                for kind, one in told.items()
                if one
            }
        before = after
    return found


def names_of(changes: Changes, kind: str) -> set[str]:
    """All names of a kind that changed, whatever became of them."""
    return {name for names in changes.get(kind, {}).values() for name in names}
