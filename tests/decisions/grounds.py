"""Where worlds are played: the repository's dbt project, parsed once, and a file per world."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from project_copies import copy_project

from baton.dbt_runner import DbtProject
from baton.project import Project

from .warehouse import Warehouse


class Grounds:
    """A copy of the dbt project in `folder`, and a new file beside it for each world."""

    def __init__(self, folder: Path) -> None:
        copy_project(folder)
        self._project = Project(
            folder, folder / "shop.duckdb", folder / "journal.db", folder / "landing"
        )
        self._dbt = DbtProject(self._project)
        self._folders = (folder / f"world{number}" for number in count())

    @contextmanager
    def warehouse(self) -> Generator[Warehouse]:
        """Open an empty warehouse; its file is deleted at the end."""
        folder = next(self._folders)
        folder.mkdir()
        with Warehouse(self._project, folder, self._dbt) as warehouse:
            yield warehouse
        shutil.rmtree(folder)

    @contextmanager
    def broken(self, name: str, old: str, new: str) -> Generator[None]:
        """Exchange a text in a model or macro, for as long as this lasts."""
        manifest: Any = self._dbt.manifest
        model = manifest.nodes.get(f"model.baton.{name}")
        holder, part = (
            (model, "raw_code") if model else (manifest.macros[f"macro.baton.{name}"], "macro_sql")
        )
        whole = getattr(holder, part)
        assert old in whole, f"{name} does not say {old}"
        setattr(holder, part, whole.replace(old, new))
        try:
            yield
        finally:
            setattr(holder, part, whole)
