"""File drop: a table as CSV and Parquet, whole or not at all, the same bytes for the same rows."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

import io
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pydantic import AfterValidator, Field

from activation.destinations.file_folders import Folder, check_directory, open_folder
from activation.destinations.kind import Kind, fixed
from activation.destinations.settings import Settings
from activation.exchange import Facts, Limit
from baton.errors import UsageError
from baton.journal import Journal

FACTS = Facts(
    auth="none",
    batch=1_000_000,
    limit=Limit(rate=1, per_seconds=1, concurrency=1),
    retry_class="U",
    source="a folder: the same content under the same name",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class FileSettings(Settings):
    """The folder that a tool reads: a path, or a URL of any store that fsspec knows.

    `storage_options` go to the store's driver: endpoint, credentials.
    """

    type: Literal["file"]
    directory: Annotated[str, AfterValidator(check_directory)]
    storage_options: dict[str, Any] = Field(default={}, repr=False)

    def folder(self) -> Folder:
        """The same, opened."""
        return open_folder(self.directory, self.storage_options)


def drop(
    rows: pa.Table,
    folder: Folder,
    name: str,
    key: str | Sequence[str],
    *,
    journal: Journal | None = None,
) -> list[str]:
    """Write `<name>.csv` and `<name>.parquet`, sorted by `key`; returns the files that changed.

    With a journal the drop is recorded. Raises UsageError for a name with a path in it, or a key
    that is not unique, and CheckFailed when a store does not hold what was written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("not a file name", where=repr(name), mend="letters, digits, _ . - only")
    table = _sorted(rows, [key] if isinstance(key, str) else list(key), name)
    csv = _as_csv(table)
    contents = {f"{name}.csv": csv, f"{name}.parquet": _as_parquet(table)}
    changed = [file for file, content in contents.items() if folder.write(file, content)]
    if journal is not None:
        content_hash = journal.keyed_hash(csv)
        journal.record_drop(name, content_hash, row_count=table.num_rows)
    return changed


def _sorted(rows: pa.Table, key: list[str], name: str) -> pa.Table:
    if missing := set(key) - set(rows.column_names):
        raise UsageError(f"no column {sorted(missing)}", where=name, mend="name a column as key")
    if rows.select(key).group_by(key).aggregate([]).num_rows != rows.num_rows:
        raise UsageError("the key is not unique", where=name, mend="name all columns of the key")
    ordered = rows.sort_by([(column, "ascending") for column in key])
    return ordered.replace_schema_metadata(None).combine_chunks()


def _as_csv(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pa_csv.write_csv(table, buffer)
    return buffer.getvalue()


def _as_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


KIND = Kind(FileSettings, fixed({}))
