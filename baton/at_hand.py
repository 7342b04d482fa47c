"""What releases say, read once for all statements of a connection that keeps plans.

Views over the tables of releases stand written out in every statement that asks them, and are run
in each. Their tables change with a release or its activation, never in a build. So what such a view
selects is laid out in a temporary table, and statements are put into words that ask the table.
Views above them, which read other things too, have twins that ask these tables.
The names of time zones are laid out too: the engine reads them from its library for each statement.
See docs/decisions/0028 and 0033.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from baton.prepared import Executes

_OF_RELEASES = re.compile(r"raw\.(releases|release_\w+|journal_activations)\Z")
_NAMES = re.compile(
    r'(?<![\w".])(?:(?:"[^"]+"|\w+)\.)?"?(?P<schema>\w+)"?\."?(?P<name>\w+)"?(?![\w".])'
)

_ZONES = "select z.name from pg_timezone_names() as z"
"""As macro is_time_zone says it."""
_ZONES_AT_HAND = "temp.time_zones_at_hand"


@dataclass(frozen=True)
class View:
    """A view of the project: where it stands, and what it reads, as `schema.name`."""

    name: str
    reads: tuple[str, ...]


class AtHand:
    """The temporary tables and views of one connection, and how texts ask them."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        views: Sequence[View],
        texts: Callable[[Sequence[str]], Mapping[str, str]] = lambda _: {},
    ) -> None:
        """Make the tables, still empty, and the twins; `views` stand behind those they read.

        Views that the warehouse lacks are left out.
        `texts` returns what views of these names select; what it leaves out gets no twin.
        """
        self._con = con
        self._tables: dict[str, str] = {}
        self._twins: dict[str, str] = {}
        self._seen: object = None
        sources: set[str] = set()
        above: list[str] = []
        standing = _views(con)
        for view in views:
            if view.name not in standing:
                continue
            own = {one for one in view.reads if _OF_RELEASES.match(one)}
            if view.reads and all(one in self._tables or one in own for one in view.reads):
                table = f"temp.{_own_name(view, 'at_hand')}"
                con.execute(
                    f"create or replace temporary table {table} as from {view.name} limit 0"
                )
                self._tables[view.name] = table
                sources |= own
            elif any(one in self._tables or one in above for one in view.reads):
                above.append(view.name)
        con.execute(f"create or replace temporary table {_ZONES_AT_HAND} as {_ZONES}")
        self._content = _content(sources)
        self._make_twins([view for view in views if view.name in above], texts(above))

    def _make_twins(self, above: Sequence[View], texts: Mapping[str, str]) -> None:
        for view in above:
            if view.name in texts:
                text, twin = self.instead(texts[view.name]), _own_name(view, "twin")
                self._con.execute(f"create or replace temporary view {twin} as {text}")
                self._twins[view.name] = f"temp.{twin}"

    def instead(self, text: str) -> str:
        """Return the text, asking what is at hand."""

        def other(found: re.Match[str]) -> str:
            name = f"{found['schema']}.{found['name']}"
            return self._tables.get(name) or self._twins.get(name) or found[0]

        zones = _ZONES.replace("pg_timezone_names()", _ZONES_AT_HAND)
        return _NAMES.sub(other, text).replace(_ZONES, zones)

    def refresh(self, keeping: Executes) -> None:
        """Read the views again if anything they read has changed; outside of a transaction.

        `keeping` executes on the same connection.
        """
        found = keeping.execute(self._content).fetchall() if self._tables else self._seen
        if found == self._seen:
            return
        for view, table in self._tables.items():
            self._con.execute(f"delete from {table}")
            self._con.execute(f"insert into {table} from {view}")
        self._seen = found


def _views(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute(
        "select schema_name || '.' || view_name from duckdb_views() where not internal"
    ).fetchall()
    return {name for (name,) in rows}


def _own_name(view: View, kind: str) -> str:
    return f'"{view.name.replace(".", "__")}_{kind}"'


def _content(tables: set[str]) -> str:
    """A query over all rows of these tables: another result when one of them has changed."""
    parts = [
        f"select '{one}' as name, count(*) as n, sum(hash(t)::hugeint) as h from {one} as t"
        for one in sorted(tables)
    ]
    return f"select * from ({' union all '.join(parts)}) order by name"
