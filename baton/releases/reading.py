"""Reading the warehouse where one can do without it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

from baton.errors import BatonError
from baton.warehouse import reader, tables_of_a_batch

Found = TypeVar("Found")


def read_if_free(
    warehouse: Path, read: Callable[[duckdb.DuckDBPyConnection], Found]
) -> tuple[Found | None, str | None]:
    """Return what `read` finds in the warehouse, or None and why it cannot be read now."""
    try:
        with reader(warehouse) as con, tables_of_a_batch():
            return read(con), None
    except BatonError as error:
        return None, error.what
