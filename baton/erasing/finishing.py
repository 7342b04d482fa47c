"""What the journal has erased is erased in the warehouse and in the landed files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.erasing.landed import blank_landed, left_to_blank
from baton.erasing.warehouse import Person, forget_streams, person_of, remove
from baton.identifiers import spelt
from baton.intake import Source, Window
from baton.intake.sql import ident
from baton.journal import Journal
from baton.tombstones import Tombstones
from baton.warehouse import transaction


def finish(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    dbt: DbtProject,
    sources: Sequence[Source],
    landing: Path,
) -> Tombstones | None:
    """Finish the erasures that are open, again from the start after a crash.

    Of one that waits for a message on its way, or for a file that cannot be blanked, only the
    journal's streams are looked at again: what has come in since is of somebody new.

    Returns all tombstones, null when nobody was ever erased. Raises UsageError when their key is
    missing.
    """
    tombstones = journal.erasures.tombstones()
    for one in journal.erasures.open():
        if one.cleaned_at is None:
            with transaction(con):
                person = person_of(con, dbt, one.node_ids, one.person_ids)
                remove(con, dbt, sources, person, one.erasure_id)
            if tombstones is not None and landing.is_dir():
                mine = tombstones.of(one.erasure_id)
                blank_landed(con, landing, sources, mine, everywhere=True)
            journal.erasures.note_cleaned(one)
        else:
            with transaction(con):
                nobody = Person(one.person_ids, one.node_ids, ())
                forget_streams(con, nobody, one.erasure_id)
        if not left_to_blank(con):
            journal.erasures.finish(one)
    return tombstones


def note_returns(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    sources: Sequence[Source],
    tombstones: Tombstones,
    window: Window,
) -> None:
    """Tell the journal which erased persons have done something anew, as the window has it."""
    returned: dict[str, datetime] = {}
    for source in (one for one in sources if one.brings_back):
        for column, node_types in source.identifiers:
            for node_type in node_types:
                seen = _seen(con, source, column, node_type, window)
                for value, stone in tombstones.met(node_type, seen).items():
                    if stone.returned_at is None and seen[value] > stone.erased_at:
                        first = returned.get(stone.erasure_id, seen[value])
                        returned[stone.erasure_id] = min(seen[value], first)
    if returned:
        journal.erasures.note_returns(returned)


def _seen(
    con: duckdb.DuckDBPyConnection, source: Source, column: str, node_type: str, window: Window
) -> dict[str, datetime]:
    """The values in the rows of a window, with the time at which each was first used."""
    if source.occurred_at is None:
        return {}
    rows = con.execute(
        f"select {spelt(node_type, ident(column))} as v, "
        f"min(least({ident(source.occurred_at)}, _loaded_at)) from {source.relation} "
        "where _loaded_seq > ? and _loaded_seq <= ? and v is not null group by v",
        [window.from_seq, window.to_seq],
    ).fetchall()
    return {row[0]: row[1] for row in rows}
