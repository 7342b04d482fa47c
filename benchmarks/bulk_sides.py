"""The ways of telling a tool many rows, each run in a process of its own.

`python -m benchmarks.bulk_sides SIDE WAREHOUSE URL FOLDER` prints seconds and peak memory as JSON.
"""

# pyright: reportUnknownParameterType=false
# dlt and pyarrow bring no types that hold here.

import json
import os
import resource
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

BATCH = 1_000
COLUMNS = ("person_id", "email", "first_name", "last_name", "country", "orders", "spent")
PERSONAL = frozenset({"email", "first_name", "last_name"})
RELATIONS = ("main.people", "main.reachable", "main.suppressed", "main.aliases")


def baton(warehouse: Path, url: str, folder: Path) -> float:
    """A sync of profiles with everything on record; returns seconds."""
    from activation.config import Destination  # noqa: PLC0415  # each side pays for its own only
    from activation.destinations.settings import LimitOverride, Settings  # noqa: PLC0415
    from activation.exchange import (  # noqa: PLC0415
        Call,
        Facts,
        HttpAnswer,
        HttpRequest,
        ItemVerdict,
        Limit,
        same_for_all,
    )
    from activation.syncs import Ground, Relations, Sync, run_syncs  # noqa: PLC0415
    from activation.syncs.declared import Mapped  # noqa: PLC0415
    from activation.syncs.source import frugal  # noqa: PLC0415
    from baton.journal import Journal  # noqa: PLC0415
    from baton.warehouse import reader  # noqa: PLC0415

    def build(batch: Sequence[Any], _settings: Any, _at: datetime) -> HttpRequest:
        rows = [one.fields for one in batch]
        body = json.dumps(rows, separators=(",", ":"), default=str).encode()
        headers = {"content-type": "application/json"}
        return HttpRequest("POST", f"{url}/baton", headers, body)

    def verdicts(answer: Any, batch: Sequence[Any]) -> list[ItemVerdict]:
        if isinstance(answer, HttpAnswer) and not json.loads(answer.content)["errors"]:
            return same_for_all(batch, "accepted", f"http {answer.status}")
        return same_for_all(batch, "ambiguous", "no_answer")

    call = Call(Facts("none", BATCH, Limit(100_000, 1, 10), "U", "here"), build, verdicts)
    limit = LimitOverride(rate=100_000)
    destination = Destination("receiver", Settings(limit=limit), {"profiles": call})
    sync = Sync(
        name="people",
        owner="benchmark",
        model="people",
        destination="receiver",
        purpose="profiles",
        key=("person_id",),
        fields=tuple(Mapped(name, name, "skip", name in PERSONAL) for name in COLUMNS),
        is_key_personal=False,
    )

    @contextmanager
    def opened() -> Generator[duckdb.DuckDBPyConnection]:
        with reader(warehouse) as con:
            frugal(con, folder)
            yield con

    with Journal.open(folder / "bulk.journal.db") as journal:
        started = time.perf_counter()
        ground = Ground(
            ledger=journal.syncs,
            now=journal.now,
            warehouse=opened,
            relations=lambda _sync: Relations(*RELATIONS),
            destination=lambda _sync: destination,
        )
        (report,) = run_syncs([sync], ground)
        seconds = time.perf_counter() - started
    if report.state != "done":
        raise SystemExit(f"the sync is {report.state}: {report.reason}")
    return seconds


def dlt_jsonl(warehouse: Path, url: str, folder: Path) -> float:
    """A custom destination of dlt that takes JSON lines."""
    return _dlt("dlt_jsonl", "typed-jsonl", _rows(warehouse), url, folder)


def dlt_parquet(warehouse: Path, url: str, folder: Path) -> float:
    """A custom destination of dlt that takes Parquet, from Arrow batches."""
    return _dlt("dlt_parquet", "parquet", _arrow(warehouse), url, folder)


def _dlt(side: str, file_format: str, rows: Iterator[Any], url: str, folder: Path) -> float:
    for name, value in {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "DLT_DATA_DIR": str(folder / side),
    }.items():
        os.environ[name] = value
    import dlt  # noqa: PLC0415
    import requests  # noqa: PLC0415
    from dlt.common.json import json as fast_json  # noqa: PLC0415

    session = requests.Session()
    session.trust_env = False

    def receive(items: Any, _table: Any) -> None:
        rows = items.to_pylist() if hasattr(items, "to_pylist") else items
        session.post(f"{url}/{side}", data=fast_json.dumpb(rows), timeout=60).raise_for_status()

    made: Any = dlt.destination  # its overloads know no variable format
    sink = made(receive, batch_size=BATCH, loader_file_format=file_format, name="receiver")
    pipeline: Any = dlt.pipeline(side, pipelines_dir=str(folder / side), destination=sink)
    started = time.perf_counter()
    pipeline.run(dlt.resource(rows, name="people"), loader_file_format=file_format)
    return time.perf_counter() - started


def _rows(warehouse: Path) -> Iterator[list[dict[str, Any]]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        result = con.execute(f"select {', '.join(COLUMNS)} from people order by person_id")
        while rows := result.fetchmany(10_000):
            yield [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _arrow(warehouse: Path) -> Iterator[Any]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        result = con.execute(f"select {', '.join(COLUMNS)} from people order by person_id")
        yield from result.to_arrow_reader(10_000)


SIDES = {"baton": baton, "dlt_jsonl": dlt_jsonl, "dlt_parquet": dlt_parquet}


def main() -> None:
    """Run one side."""
    side, warehouse, url, folder = sys.argv[1:]
    seconds = SIDES[side](Path(warehouse), url, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()
