"""Where worlds are played: the repository's dbt project, parsed once, and a file per world."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from baton.dbt_runner import DbtProject
from baton.project import Project

from .warehouse import Warehouse

_REPOSITORY = Path(__file__).parents[2]
Edit = Callable[[Path], None]


class Grounds:
    """A copy of the dbt project in `folder`, and a new file beside it for each world.

    `edit` may change the copy before it is parsed.
    """

    def __init__(self, folder: Path, edit: Edit | None = None) -> None:
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(_REPOSITORY / "dbt_project", folder / "dbt_project", ignore=ignored)
        shutil.copy(_REPOSITORY / "profiles.yml", folder)
        if edit:
            edit(folder / "dbt_project")
        self._project = Project(
            folder, folder / "passes.duckdb", folder / "journal.db", folder / "landing"
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
