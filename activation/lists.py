"""Lists for tools that take files: the audience and the suppressions, as of the last batch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from activation.destinations.file_drop import FileSettings, drop
from baton.errors import UsageError

if TYPE_CHECKING:  # dbt takes seconds to import, and sending needs none of it
    import duckdb

    from activation.config import DestinationsConfig
    from baton.dbt_runner import DbtProject
    from baton.journal import Journal

DESTINATION = "retail_drop"
LISTS = {"suppression_list": ["channel", "address"], "audience_lapsed_shoppers": ["person_id"]}


def drop_lists(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    journal: Journal,
    config: DestinationsConfig,
) -> list[Path]:
    """Write each list as CSV and Parquet, suppressions first; return the files that changed.

    Raises `UsageError` when the destination is no file drop or its directory is not set.
    """
    settings = config.destination(DESTINATION).settings
    if not isinstance(settings, FileSettings):
        raise UsageError(
            f"{DESTINATION} takes no files", where="destinations.yml", mend="give it type: file"
        )
    changed: list[Path] = []
    for name, key in LISTS.items():
        rows = con.execute(f"select * from {dbt.relation(name)}").to_arrow_table()
        changed += drop(rows, settings.directory, name, key, journal=journal)
    return changed
