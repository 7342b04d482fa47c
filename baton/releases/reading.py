"""Reading the warehouse where one can do without it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

from baton.errors import BatonError
from baton.warehouse import reader

Found = TypeVar("Found")


def read_if_free(
    warehouse: Path, read: Callable[[duckdb.DuckDBPyConnection], Found]
) -> tuple[Found | None, str | None]:
    """Return what `read` finds in the warehouse, or None and why it cannot be read now."""
    try:
        with reader(warehouse) as con:
            return read(con), None
    except BatonError as error:
        return None, error.what
    except duckdb.CatalogException:
        return None, "the warehouse has no such tables yet; a batch makes them"
    except duckdb.BinderException:
        return None, "the tables of the warehouse are of an older version; a batch renews them"
