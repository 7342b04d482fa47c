"""Where worlds are played: the repository's dbt project, parsed once, and folders for files."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from project_copies import copy_project

from baton.dbt_runner import DbtProject
from baton.project import Project
from baton.scratch import ScratchFold

from .playing import Played, played
from .worlds import World


class Grounds:
    """A copy of the dbt project in `folder`, and a new scratch fold beside it for each world."""

    def __init__(self, folder: Path) -> None:
        copy_project(folder)
        self._project = Project(
            folder, folder / "shop.duckdb", folder / "journal.db", folder / "landing"
        )
        self._dbt = DbtProject(self._project)
        self._folders = (folder / f"scratch{number}" for number in count())

    @contextmanager
    def scratch(self) -> Generator[ScratchFold]:
        """Open an empty scratch fold; its file is deleted at the end."""
        folder = self.new_folder()
        with ScratchFold(self._project, folder, self._dbt) as scratch:
            yield scratch
        shutil.rmtree(folder)

    def play(self, world: World) -> Played:
        """Play a world in a scratch fold of its own."""
        with self.scratch() as scratch:
            return played(world, scratch)

    def new_folder(self) -> Path:
        """Return a new empty folder."""
        folder = next(self._folders)
        folder.mkdir()
        return folder
