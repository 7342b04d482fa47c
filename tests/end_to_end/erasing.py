"""Ann is erased while her reminder waits, and tomorrow's files know her still."""

import json
import shutil
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from baton.warehouse import reader

from .commands import call
from .harness import Installation, Shop
from .learned import ANN, BEN, Learned, run
from .records import Arrival, after, contact, quote_started
from .slices import arrive, slice_folder, write_slices

KEY = {"BATON_ERASURE_KEY": "the-erasure-key-of-the-tests-is-long-enough"}
PLANTED = (ANN.email, ANN.phone, ANN.contact_id, ANN.name.title(), ANN.phone.lstrip("+"))


@contextmanager
def waiting(shop: Shop, learned: Learned, folder: Path) -> Generator[Installation]:
    """Stores in which a reminder to Ann waits to be sent."""
    with learned.reopen(shop, folder) as installation:
        run(installation, 130)
        yield installation


def erase(installation: Installation, customer: str, *more: str, **environment: str) -> dict:
    """Call `baton identity erase` for a customer, and return its facts."""
    known = {**installation.environment(), **KEY, **environment}
    arguments = ("identity", "erase", customer, "--reason", "asked for it", "--by", "test")
    result = call(installation.project.root, known, *arguments, *more, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def land(installation: Installation, name: str, arrivals: Iterable[Arrival]) -> None:
    """Let these records arrive as files of one more slice."""
    folder = installation.folder / name
    write_slices(folder, arrivals, [after(10_000)])
    number = slice_folder(folder, 0)
    for file in [one for one in number.rglob("*.*") if one.is_file()]:
        file.rename(file.with_name(f"{file.stem}-{name}{file.suffix}"))
    arrive(number, installation.project.landing)
    shutil.rmtree(folder)


def tomorrow(customer: str) -> Sequence[Arrival]:
    """The same contact and consents once more, and an old quote that comes late."""
    who = {"ann": ANN, "ben": BEN}[customer]
    return [*who.base(), quote_started(who, at=6)]


def everything(installation: Installation) -> dict[str, str]:
    """Each table of warehouse and journal as text, and each landed file."""
    project = installation.project
    found: dict[str, str] = {}
    with reader(project.warehouse) as con:
        for schema, name in tables(con):
            rows = con.execute(f'select t::varchar from "{schema}"."{name}" as t').fetchall()
            found[f"{schema}.{name}"] = "\n".join(row[0] for row in rows)
    with sqlite3.connect(str(project.journal)) as journal:
        names = journal.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            rows = journal.execute(f"select * from {name}").fetchall()
            found[f"journal {name}"] = "\n".join(map(repr, rows))
    for file in sorted(project.landing.rglob("*.*")):
        found[f"landed {file.name}"] = file.read_bytes().decode("utf-8", "replace")
    return found


def tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of every table of the warehouse."""
    return con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and not temporary order by all"
    ).fetchall()


def places_of(found: dict[str, str], values: Iterable[str]) -> dict[str, str]:
    """Where one of the values still stands, and which."""
    wanted = [value.lower() for value in values]
    said = {name: [one for one in wanted if one in text.lower()] for name, text in found.items()}
    return {name: ", ".join(hits) for name, hits in said.items() if hits}


def of_new_contact(email_of: str) -> Arrival:
    """Not used by itself: a contact row of tomorrow."""
    return contact({"ann": ANN, "ben": BEN}[email_of])
