"""Bulk: profiles told to a tool in batches of 1,000 with every row on record, beside dlt.

A loopback receiver in a process of its own is told one table in three ways, each in its own
process: Baton's sync (fingerprints, requests on record before their bytes, a verdict per row), a
custom destination of dlt with JSON lines, and one with Parquet. dlt keeps a load status and no
verdicts.

`lost` and `duplicates` of all three are recounted from the receiver's log; `audited` is what the
journal says of rows, recounted from its table of outcomes. Controls: the log without one request
must show lost rows, with one repeated must show duplicates.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
import duckdb
from sqlalchemy import create_engine, text

from benchmarks.bulk_receiver import receiver, rows_per_key
from benchmarks.bulk_sides import BATCH, SIDES

Facts = dict[str, Any]
_AUDITED = (
    "select count(*) from sync_outcomes, json_each(outcomes) as one, "
    "json_each(json_extract(one.value, '$.row_keys')) "
    "where json_extract(one.value, '$.outcome') = 'accepted'"
)
_WINDOWS = (
    "create table raw.windows as select cast(now() as timestamp) as batch_time, "
    "'committed' as state"
)
_PEOPLE = """
create table people as
select
    md5(cast(i as varchar)) as person_id,
    'person' || i || '@mail.example' as email,
    'First' || (i % 1009) as first_name,
    'Last' || (i % 10007) as last_name,
    ['DE', 'FR', 'US', 'BR'][1 + i % 4] as country,
    cast(i % 40 as integer) as orders,
    round(i % 100000 / 7.0, 2) as spent
from range(?) as r(i)
"""


def run(rows: int, keep: Path) -> Facts:
    """Tell `rows` rows three ways, files in `keep`; returns all facts."""
    keep.mkdir(parents=True, exist_ok=True)
    warehouse = keep / "bulk.duckdb"
    warehouse.unlink(missing_ok=True)
    _make(warehouse, rows)
    log = keep / "log"
    with receiver(log) as url:
        sides = {side: _run(side, warehouse, url, keep) for side in SIDES}
    counted = {side: rows_per_key(log / f"{side}.jsonl", "person_id") for side in SIDES}
    pace = {side: round(rows / facts["seconds"]) for side, facts in sides.items()}
    return {
        "rows": rows,
        "batch": BATCH,
        "bulk_rows_per_s": pace["baton"],
        "dlt_jsonl_rows_per_s": pace["dlt_jsonl"],
        "dlt_parquet_rows_per_s": pace["dlt_parquet"],
        "ratio_jsonl": round(pace["baton"] / pace["dlt_jsonl"], 2),
        "ratio_parquet": round(pace["baton"] / pace["dlt_parquet"], 2),
        "peak_mb": sides["baton"]["peak_mb"],
        "dlt_peak_mb": {side: sides[side]["peak_mb"] for side in SIDES if side != "baton"},
        "lost": _lost(counted["baton"], rows),
        "duplicates": _duplicates(counted["baton"]),
        "dlt_lost": {side: _lost(counted[side], rows) for side in SIDES if side != "baton"},
        "audited": _audited(keep),
        "load_average": os.getloadavg()[0],
        **_controls(log / "baton.jsonl", rows),
    }


def _make(warehouse: Path, rows: int) -> None:
    with duckdb.connect(str(warehouse)) as con:
        con.execute(_PEOPLE, [rows])
        con.execute("create schema raw")
        con.execute(_WINDOWS)


def _run(side: str, warehouse: Path, url: str, keep: Path) -> Facts:
    command = [sys.executable, "-m", "benchmarks.bulk_sides", side, str(warehouse), url, str(keep)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    click.echo(f"{side}: {facts['seconds']:.1f} s, {facts['peak_mb']} MB", err=True)
    return facts


def _audited(keep: Path) -> int:
    engine = create_engine(f"sqlite:///{keep / 'bulk.journal.db'}")
    with engine.connect() as connection:
        return int(connection.execute(text(_AUDITED)).scalar_one())


def _controls(log: Path, rows: int) -> Facts:
    lines = log.read_bytes().splitlines(keepends=True)
    changed = log.with_name("control.jsonl")
    changed.write_bytes(b"".join(lines[1:]))
    without = _lost(rows_per_key(changed, "person_id"), rows)
    changed.write_bytes(b"".join([*lines, lines[0]]))
    repeated = _duplicates(rows_per_key(changed, "person_id"))
    changed.unlink()
    return {"lost_without_a_request": without, "duplicates_with_one_repeated": repeated}


def _lost(counted: Counter[str], rows: int) -> int:
    return rows - len(counted)


def _duplicates(counted: Counter[str]) -> int:
    return counted.total() - len(counted)
