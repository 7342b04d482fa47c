"""Ann is erased while her reminder waits, and tomorrow's files know her still."""

import json
import shutil
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from baton.warehouse import reader

from .commands import call
from .harness import Installation, Shop
from .learned import ANN, BEN, Learned, run
from .records import Arrival, Customer, after, consent, contact, quote_started
from .slices import arrive, slice_folder, write_slices

KEY = {"BATON_ERASURE_KEY": "the-erasure-key-of-the-tests-is-long-enough"}
PLANTED = (ANN.email, ANN.phone.lstrip("+"), ANN.name, ANN.name.title())
_OF_A_BATCH = ("changed_window_id", "computed_window_id", "first_window_id", "prior_person_id",
               "was_accepted")  # fmt: skip
_LEDGERS = ("activation", "decisions", "raw")
_PASSING = ("touched_persons", "identity_changes", "instance_changes", "int_journeys__touched",
            "int_journeys__touched_signals", "int_journeys__holds",
            "int_journeys__step_outcomes", "int_identity__clusters",
            "int_identity__contested_edges", "int_identity__judged_edges",
            "int_identity__loosened_nodes", "int_identity__overrides",
            "int_identity__touched_nodes", "int_identity__standing_edges",
            "int_identity__touched_components", "int_identity__touched_edges")  # fmt: skip


@contextmanager
def waiting(shop: Shop, learned: Learned, folder: Path) -> Generator[Installation]:
    """Stores in which a reminder to Ann waits to be sent."""
    with learned.reopen(shop, folder) as installation:
        run(installation, 130)
        yield installation


def baton(installation: Installation, *arguments: str) -> dict[str, Any]:
    """Call the command on these stores, and return its facts."""
    known = {**installation.environment(), **KEY}
    result = call(installation.project.root, known, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def erase(installation: Installation, customer: str, *more: str) -> dict[str, Any]:
    """Call `baton identity erase` for a customer."""
    signed = ("--reason", "asked for it", "--by", "test")
    return baton(installation, "identity", "erase", customer, *signed, *more)


def land(installation: Installation, name: str, arrivals: Iterable[Arrival]) -> None:
    """Let these records arrive as files of one more slice."""
    folder = installation.folder / name
    write_slices(folder, arrivals, [after(100_000)])
    files = slice_folder(folder, 0)
    for file in [one for one in files.rglob("*.*") if one.is_file()]:
        file.rename(file.with_name(f"{file.stem}-{name}{file.suffix}"))
    arrive(files, installation.project.landing)
    shutil.rmtree(folder)


def tomorrow() -> Sequence[Arrival]:
    """The CRM's next export, all consents and one more, and an old quote that comes late."""
    known = [*ANN.base(), *(one for one in BEN.base() if one.table != "crm.contacts")]
    known += [_changed(BEN), consent(BEN, "sms", True, at=138)]
    late = replace(quote_started(ANN, at=6), arrives_at=after(139))
    return [*known, replace(late, values={**late.values, "event_id": "ev-late"})]


def comeback(at: float) -> Sequence[Arrival]:
    """Ann asks for another quote, and says yes to mails about it."""
    quote = quote_started(ANN, at=at)
    return [
        replace(quote, values={**quote.values, "event_id": f"ev-back-{at}"}),
        consent(ANN, "email", True, at=at),
    ]


def exported(at: float) -> Sequence[Arrival]:
    """The CRM's export in which Ann's contact was changed at that minute."""
    row = contact(ANN)
    return [
        _changed(BEN),
        replace(row, values={**row.values, "updated_at": after(at)}, arrives_at=after(at)),
    ]


def _changed(who: Customer) -> Arrival:
    row = contact(who)
    return replace(row, values={**row.values, "language": "es"})


def everything(installation: Installation) -> dict[str, str]:
    """Each table of warehouse and journal as text, and each landed file."""
    project = installation.project
    found: dict[str, str] = {}
    with reader(project.warehouse) as con:
        for schema, name in tables(installation):
            rows = con.execute(f'select t::varchar from "{schema}"."{name}" as t').fetchall()
            found[f"{schema}.{name}"] = "\n".join(row[0] for row in rows)
    for name, rows in of_journal(installation).items():
        found[f"journal {name}"] = "\n".join(map(repr, rows))
    for file in sorted(project.landing.rglob("*.*")):
        found[f"landed {file.name}"] = file.read_bytes().decode("utf-8", "replace")
    return found


def tables(installation: Installation) -> list[tuple[str, str]]:
    """Schema and name of every table of the warehouse."""
    with reader(installation.project.warehouse) as con:
        return con.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = current_database() and not temporary order by all"
        ).fetchall()


def of_journal(installation: Installation) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table of the journal."""
    with sqlite3.connect(str(installation.project.journal)) as journal:
        names = journal.execute("select name from sqlite_master where type = 'table'").fetchall()
        return {name: journal.execute(f"select * from {name}").fetchall() for (name,) in names}


def places_of(found: dict[str, str]) -> dict[str, list[str]]:
    """Where one of Ann's values still stands, and which."""
    wanted = [value.lower() for value in PLANTED]
    said = {name: [one for one in wanted if one in text.lower()] for name, text in found.items()}
    return {name: hits for name, hits in said.items() if hits}


def bytes_of(installation: Installation) -> bytes:
    """What the files of the stores hold, free room and logs included."""
    project = installation.project
    beside = [*project.root.glob(".baton.spill/*"), *installation.folder.glob(".baton.spill/*")]
    stores = [*installation.folder.glob("baton.*"), *beside]
    return b"".join(file.read_bytes() for file in stores if file.is_file())


def rows(installation: Installation, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a query; `{name}` stands for the relation of a model."""
    dbt = installation.batches.dbt
    names = {one.name: dbt.relation(one.name) for one in dbt.manifest.nodes.values()
             if one.resource_type == "model"}  # fmt: skip
    with reader(installation.project.warehouse) as con:
        return con.execute(sql.format(**names), list(parameters)).fetchall()


def states(installation: Installation) -> dict[str, list[str]]:
    """The rows of every table of state, without what says in which batch they were written."""
    found: dict[str, list[str]] = {}
    with reader(installation.project.warehouse) as con:
        for schema, name in tables(installation):
            if schema in _LEDGERS or name in _PASSING:
                continue
            described = con.execute(f'describe "{schema}"."{name}"').fetchall()
            kept = [f'"{one[0]}"' for one in described if one[0] not in _OF_A_BATCH]
            only = "where is_current" if '"is_current"' in kept else ""
            sql = f'select ({", ".join(kept)})::varchar from "{schema}"."{name}" {only} order by 1'
            found[f"{schema}.{name}"] = [row[0] for row in con.execute(sql).fetchall()]
    return found
