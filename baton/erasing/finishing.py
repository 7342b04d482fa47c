"""What the journal has erased is erased in the warehouse and in the landed files."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.erasing.landed import blank_landed
from baton.erasing.missed import left_to_blank
from baton.erasing.switched_off import all_sources
from baton.erasing.warehouse import Burial, Person, forget_streams, person_of, remove
from baton.intake import Source, Window
from baton.intake.erased import returns
from baton.intake.prepare import add_columns
from baton.journal import Journal
from baton.tombstones import Tombstones
from baton.warehouse import transaction


def finish(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    dbt: DbtProject,
    sources: Sequence[Source],
    landing: Path,
    *,
    burial: Burial,
) -> Tombstones | None:
    """Finish the erasures that are open, again from the start after a crash.

    Of one that waits for a message on its way, or for a file that cannot be blanked, only the
    journal's streams are looked at again: what has come in since is of somebody new.

    Of rows of ledgers a keyed hash stays, so that their digests can still be made.

    Returns all tombstones, null when nobody was ever erased. Raises UsageError when their key is
    missing.
    """
    tombstones = journal.erasures.tombstones()
    for one in journal.erasures.open():
        if one.cleaned_wall_at is None:
            known = all_sources(dbt, sources)
            with transaction(con):
                add_columns(con, known)
            with transaction(con):
                person = person_of(con, dbt, one.node_ids, one.person_ids)
                remove(con, dbt, sources, person, one.erasure_id, burial=burial)
            if tombstones is not None:
                mine = tombstones.of(one.erasure_id)
                blank_landed(con, landing, known, mine, everywhere=True)
            journal.erasures.note_cleaned(one)
        else:
            with transaction(con):
                nobody = Person(one.person_ids, one.node_ids, ())
                forget_streams(con, nobody, one.erasure_id, burial)
        if not left_to_blank(con):
            burial.of_journal(con, one.node_ids, one.erasure_id)
            journal.erasures.finish(one)
    return tombstones


def note_returns(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    sources: Sequence[Source],
    tombstones: Tombstones,
    window: Window,
) -> Tombstones:
    """Tell the journal which erased persons have done something anew, as the window has it.

    Returns the tombstones with that in them.
    """
    returned = returns(con, sources, tombstones, after_seq=window.from_seq, to_seq=window.to_seq)
    if returned:
        journal.erasures.note_returns(returned)
    return tombstones.with_returns(returned)
