"""Where things are: the project's root, the two stores and the landing folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from baton.errors import UsageError


@dataclass(frozen=True)
class Project:
    """Paths of one Baton project, all absolute; the journal may be a URL."""

    root: Path
    warehouse: Path
    journal: Path | str
    landing: Path

    @property
    def dbt_project(self) -> Path:
        """The folder that holds `dbt_project.yml`."""
        return self.root / "dbt_project"

    @property
    def journal_file(self) -> Path:
        """The journal's file. Raises `UsageError` when it lies elsewhere than in a file."""
        if isinstance(self.journal, str):
            raise UsageError(
                "this needs a journal in a file of its own",
                where="BATON_JOURNAL",
                mend="unset BATON_JOURNAL, or name a SQLite file",
            )
        return self.journal

    def ensure_landing(self) -> None:
        """Make the landing folder where it is the project's own; one named elsewhere must exist."""
        if self.landing == self.root / "landing":
            self.landing.mkdir(exist_ok=True)

    @classmethod
    def find(
        cls, start: Path | None = None, environment: Mapping[str, str] = os.environ
    ) -> "Project":
        """Return the project around `start`, with paths from the environment where set.

        Raises `UsageError` when no parent folder holds `dbt_project/dbt_project.yml`.
        """
        root = _root_of((start or Path.cwd()).resolve())
        return cls(
            root=root,
            warehouse=_path(environment, "BATON_WAREHOUSE", root / "baton.duckdb"),
            journal=_journal(environment, root / "baton.journal.db"),
            landing=_path(environment, "BATON_LANDING", root / "landing"),
        )


def _root_of(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "dbt_project" / "dbt_project.yml").is_file():
            return folder
    raise UsageError(
        "no Baton project here",
        where=str(start),
        mend="run the command from a folder that holds dbt_project/, or from below it",
    )


def _path(environment: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(environment.get(name) or default).resolve()


def _journal(environment: Mapping[str, str], default: Path) -> Path | str:
    named = environment.get("BATON_JOURNAL", "")
    return named if "://" in named else _path(environment, "BATON_JOURNAL", default)
