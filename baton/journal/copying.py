"""Carry a journal over to another place: `python -m baton.journal.copying OLD NEW`.

Row for row, with the numbers by which the warehouse's cursors count.
"""

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from baton.errors import BatonError, UsageError
from baton.journal.clock import wall_clock
from baton.journal.migrate import migrate
from baton.journal.schema import messages, metadata
from baton.journal.store import Store, open_store
from baton.journal.switches import set_switch

_PART = 2_000


def copy(old: str | Path, new: str | Path) -> dict[str, int]:
    """Copy all there is into a journal without rows, and stop the old one for good; rows per table.

    Both are locked meanwhile. Raises UsageError when a message is claimed, or the new one has rows.
    """
    with ExitStack() as ends:
        source = ends.enter_context(closing(_open(old)))
        target = ends.enter_context(closing(_open(new)))
        reading, writing = ends.enter_context(source.write()), ends.enter_context(target.write())
        _require_ready(reading, writing)
        copied = {table.name: _copy(table, reading, writing) for table in metadata.sorted_tables}
        for table in metadata.sorted_tables:
            if "seq" in table.c:
                target.database.count_on(writing, table)
        at = wall_clock()
        set_switch(reading, "global", None, is_stopped=True, reason="moved", by="copy", at=at)
    return copied


def _open(place: str | Path) -> Store:
    store = open_store(place, os.environ, polls=False)
    migrate(store)
    return store


def _require_ready(old: Connection, new: Connection) -> None:
    on_their_way = select(func.count()).where(messages.c.state == "claimed")
    if old.execute(on_their_way).scalar_one():
        raise UsageError(
            "messages are on their way, or were when their sender died",
            where="the old journal",
            mend="let all senders end, then run `baton send` once more and let it end",
        )
    used = [t.name for t in metadata.sorted_tables if new.execute(select(t).limit(1)).first()]
    if used:
        raise UsageError(
            "a journal that has rows is not written over",
            where=f"the new journal, {', '.join(used)}",
            mend="name a place where no journal is yet",
        )


def _copy(table: Table, old: Connection, new: Connection) -> int:
    count = 0
    with old.execute(select(table).execution_options(yield_per=_PART)) as rows:
        for part in rows.mappings().partitions():
            new.execute(table.insert(), [dict(row) for row in part])
            count += len(part)
    return count


if __name__ == "__main__":
    try:
        done = copy(*sys.argv[1:3])
    except BatonError as error:
        sys.exit(str(error))
    sys.stdout.write("".join(f"{name}: {count}\n" for name, count in done.items()))
