"""Copies of the repository's dbt project; the text is read by dbt once per process."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from baton.dbt_runner import DbtProject
from baton.project import Project

REPOSITORY = Path(__file__).parents[1]
_READ = Path("dbt_project/target/partial_parse.msgpack")


def copy_project(root: Path, warehouse: str = "shop.duckdb") -> None:
    """Copy dbt project and profile into `root`, with what dbt has read of them.

    dbt compares the texts and reads again what is edited; it reads all again where the warehouse
    has another name than `warehouse`.
    """
    _copy(root)
    read = _folder_that_was_read(warehouse) / _READ
    (root / _READ).parent.mkdir()
    shutil.copy(read, root / _READ)


@cache
def _folder_that_was_read(warehouse: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="baton-read-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    _copy(root)
    project = Project(root, root / warehouse, root / "journal.db", root / "landing")
    assert DbtProject(project).manifest.nodes
    return root


def _copy(root: Path) -> None:
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(REPOSITORY / "dbt_project", root / "dbt_project", ignore=ignored)
    shutil.copy(REPOSITORY / "profiles.yml", root)
