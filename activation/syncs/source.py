"""The source of a sync: its model's rows in key order, with a yes or none beside each."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from activation.syncs.declared import Consent, Sync
from baton.journal.hashing import AddressHasher
from baton.journal.sync_records import SEPARATOR

_ROWS = 10_000
_MEMORY = "100MB"
_SPILL = ".baton.spill"
_HASH = "baton_row_key"
_REACHED = "r.address is not null as _allowed, r.consent_at as _consent_at"
_UNASKED = "true as _allowed, cast(null as timestamp) as _consent_at"
_STANDING = "p.person_id is null as _allowed, cast(null as timestamp) as _consent_at"


@dataclass(frozen=True)
class Relations:
    """Where the warehouse keeps what a plan reads.

    The model, who may be reached, of whom nothing may be told, and person ids.
    """

    model: str
    reachable: str
    suppressed: str
    aliases: str
    windows: str = "raw.windows"


def frugal(con: duckdb.DuckDBPyConnection, beside: Path) -> None:
    """Let the engine use little memory, and a folder beside the warehouse for what is too much."""
    con.execute(f"set memory_limit = '{_MEMORY}'")
    con.execute("set threads = 2")
    con.execute("set temp_directory = ?", [str(beside / _SPILL)])


def exists(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    """Whether a relation can be read."""
    try:
        con.execute(f"select * from {relation} limit 0")
    except duckdb.CatalogException:
        return False
    return True


def as_of(con: duckdb.DuckDBPyConnection, windows: str) -> datetime | None:
    """The time of the last batch that was committed, null before the first."""
    row = con.execute(
        f"select max(w.batch_time) from {windows} as w where w.state = 'committed'"
    ).fetchone()
    return row[0] if row else None


def read(
    con: duckdb.DuckDBPyConnection, sync: Sync, relations: Relations, hasher: AddressHasher
) -> Iterator[pa.RecordBatch]:
    """The rows in the order of the bytes of `_key`.

    Beside the columns of the sync: `_key`, `_handle` (the key's text, where `_key` is a keyed hash
    of it), `_content` (what the tool would get, one text), `_allowed`, `_address`, `_consent_at`,
    `_since`.
    """
    with _row_keys(con, hasher):
        sql, values = _query(sync, relations)
        yield from con.execute(sql, values).to_arrow_reader(_ROWS)


def row_key(hasher: AddressHasher) -> "Hash":
    """How the text of a personal key becomes a row's key: the same in every sync."""
    return Hash(hasher.derived("row keys of syncs"), 16)


class Hash:
    """A keyed hash of texts, as hex."""

    def __init__(self, key: bytes, size: int) -> None:
        self._key = key
        self._size = size

    def all_of(self, texts: Sequence[str]) -> list[str]:
        """The hash of each text."""
        make, key, size = hashlib.blake2b, self._key, self._size
        return [make(one.encode(), key=key, digest_size=size).hexdigest() for one in texts]


class _row_keys:  # noqa: N801  # a context manager, used as a function
    """Lets a query hash personal keys, so that it can put the rows in order: no key enters SQL."""

    def __init__(self, con: duckdb.DuckDBPyConnection, hasher: AddressHasher) -> None:
        self._con = con
        self._hash = row_key(hasher)

    def __enter__(self) -> None:
        self._con.create_function(_HASH, self._of, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)

    def __exit__(self, *_: object) -> None:
        self._con.remove_function(_HASH)

    def _of(self, texts: Any) -> pa.Array:
        return pa.array(self._hash.all_of(texts.to_pylist()), pa.string())


def newer_yes(
    con: duckdb.DuckDBPyConnection, consent: Consent, addresses: Sequence[str], reachable: str
) -> dict[tuple[str, str], datetime]:
    """When the yes was said that now stands, by channel and address, of those that have one."""
    rows = con.execute(
        f"select r.channel, r.address, max(r.consent_at) from {reachable} as r "
        "where r.purpose = ? and r.brand = ? and r.consent_at is not null "
        "and r.address in (select unnest(?::varchar[])) group by 1, 2",
        [consent.purpose, consent.brand, list(addresses)],
    ).fetchall()
    return {(channel, address): at for channel, address, at in rows}


def merged_away(
    con: duckdb.DuckDBPyConnection, row_keys: Sequence[str], aliases: str
) -> frozenset[str]:
    """Which of these are ids of persons who are now known by another."""
    rows = con.execute(
        f"select a.alias_id from {aliases} as a where a.alias_id <> a.person_id "
        "and a.alias_id in (select unnest(?::varchar[]))",
        [list(row_keys)],
    ).fetchall()
    return frozenset(row[0] for row in rows)


def _query(sync: Sync, relations: Relations) -> tuple[str, list[object]]:
    """Texts are made of rows that are in order: the sort carries each value once."""
    consent = sync.consent if sync.purpose != "suppressions" else None
    text = f" || '{SEPARATOR}' || ".join(f"coalesce(s.{_quoted(key)}, '')" for key in sync.key)
    key = f"{_HASH}({text})" if sync.is_key_personal else text
    names = ", ".join(f"s.{_quoted(name)}" for name in sync.columns)
    allowed = _REACHED if consent else _STANDING if sync.person else _UNASKED
    inner = f"select {names}, {key} as _key, {allowed}"
    inner += f" from {relations.model} as s"
    values: list[object] = []
    if consent:
        inner += (
            f" left join (select x.address, max(x.consent_at) as consent_at from "
            f"{relations.reachable} as x where x.channel = ? and x.purpose = ? and x.brand = ? "
            f"group by 1) as r on s.{_quoted(consent.address)} = r.address"
        )
        values = [consent.channel, consent.purpose, consent.brand]
    elif sync.person:
        person = f"s.{_quoted(sync.person)}"
        inner += f" left join {relations.suppressed} as p on {person} = p.person_id"
    content = ", ".join(f"s.{_quoted(one.column)}" for one in sync.fields)
    columns = [
        "s._key, s._allowed, s._consent_at",
        f"{text if sync.is_key_personal else 'cast(null as varchar)'} as _handle",
        f"cast(json_array({content}) as varchar) as _content",
        f"{f's.{_quoted(consent.address)}' if consent else 'cast(null as varchar)'} as _address",
        f"{f's.{_quoted(sync.since)}' if sync.since else 'cast(null as timestamp)'} as _since",
        *[f"s.{_quoted(name)}" for name in dict.fromkeys(one.column for one in sync.fields)],
    ]
    return f"select {', '.join(columns)} from ({inner} order by _key) as s", values


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
