"""Landed files that are loaded and old: which they are, and how they go."""

import gzip
import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from baton.intake.landing import Landed, listed
from baton.retention.policy import Retention

_OF_BATON = re.compile(r"[^/]+/[a-z_]+-\d{20}-\d+-\d+\.jsonl|messaging/receipts\.[^/]+\.jsonl")
_EPOCH = datetime(1970, 1, 1)
_LOADED = """
select d.path, d.size_bytes, d.modified_ns, d.reason is not null
from raw.latest_deliveries as d
where d.state in ('loaded', 'duplicate') and d.size_bytes is not null
"""


def old_files(
    con: duckdb.DuckDBPyConnection, landing: Path, policy: Retention, now: datetime
) -> list[Landed]:
    """Return the files that are loaded to their end and older than the policy; `now` by the wall.

    What is as it was loaded counts, and of others' files only what has no rest behind its last
    complete line: in a segment that is a call which nobody was told is kept.
    """
    if not landing.is_dir():
        return []
    loaded = {path: tuple(facts) for path, *facts in con.execute(_LOADED).fetchall()}
    found: list[Landed] = []
    for one in listed(landing, []):
        size, modified_ns, has_rest = loaded.get(one.path, (None, None, False))
        is_ours = is_of_baton(one.path)
        days = policy.collected_days if is_ours else policy.landed_days
        is_whole = (size, modified_ns) == (one.size, one.modified_ns) and (is_ours or not has_rest)
        if days is not None and is_whole and _modified(one) < now - timedelta(days=days):
            found.append(one)
    return found


def is_of_baton(path: str) -> bool:
    """Whether `baton serve` has landed it: a segment of the collector, or a receipt."""
    return _OF_BATON.fullmatch(path) is not None


def retire(one: Landed, archive: Path | None) -> None:
    """Remove the file unless it is another by now, or has changed.

    With an archive its compressed copy is on disk before. It bears the time of the file's last
    change (UTC): what lands again under the same name gets a copy of its own.
    """
    found = _facts(one.file)
    if found is None or found[1:] != (one.size, one.modified_ns):
        return
    if archive is not None:
        _keep(one, archive / archived_name(one))
    if _facts(one.file) == found:
        one.file.unlink(missing_ok=True)


def archived_name(one: Landed) -> str:
    """The path of its copy in the archive: `<source>/<file>.<time>.gz`."""
    at = _modified(one)
    return f"{one.path}.{at:%Y%m%dT%H%M%S}{one.modified_ns % 1_000_000_000:09d}.gz"


def _facts(file: Path) -> tuple[int, int, int] | None:
    """Inode, size and time of the last change; null when it is gone."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _keep(one: Landed, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with one.file.open("rb") as source, part.open("wb") as stream:
        with gzip.GzipFile(fileobj=stream, mode="wb") as packed:
            shutil.copyfileobj(source, packed)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(target)


def _modified(one: Landed) -> datetime:
    return _EPOCH + timedelta(microseconds=one.modified_ns // 1000)
