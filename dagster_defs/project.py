"""The dbt project as Dagster reads it: its manifest is always that of the working tree."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_dbt import DbtProject
from dagster_dbt.dbt_manifest import validate_manifest

from baton.cards import check_project, render
from baton.errors import CheckFailed

ROOT = Path(__file__).parent.parent
_TARGET = Path("target", "dagster")
_PARSED = ("models", "macros", "seeds", "tests")


def require_sound_rules(dbt_project: Path = ROOT / "dbt_project") -> None:
    """Raise `CheckFailed` with file, line and mend of all that is wrong in cards and policies."""
    problems = check_project(dbt_project)
    if problems:
        raise CheckFailed(
            f"cards and policies need mending\n{render(problems)}",
            where="dbt_project",
            mend="mend these, then load again; `baton check` lists them in seconds",
        )


def fresh_project() -> DbtProject:
    """Return the dbt project, parsed again when one of its files is newer than its manifest.

    Its artifacts have a folder of their own: micro-batches write theirs at any time.
    """
    _put_dbt_on_path()
    project = DbtProject(ROOT / "dbt_project", target_path=_TARGET, profiles_dir=ROOT)
    manifest = project.manifest_path
    if not manifest.exists() or manifest.stat().st_mtime_ns < _changed_ns(project.project_dir):
        project.preparer.prepare(project)
    return project


def manifest() -> Mapping[str, Any]:
    """Return the manifest of the fresh project, read once in a process."""
    return validate_manifest(fresh_project().manifest_path)


def _put_dbt_on_path() -> None:
    """Dagster looks for `dbt` on PATH, where it is not when the environment is not activated."""
    scripts = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "").split(os.pathsep)
    if scripts not in path:
        os.environ["PATH"] = os.pathsep.join([scripts, *path])


def _changed_ns(folder: Path) -> int:
    """Return when a file was last changed, moved or removed: unlike mtime, ctime shows a copy."""
    parts = [path for part in _PARSED for path in (folder / part).rglob("*")]
    return max(path.stat().st_ctime_ns for path in (*parts, folder / "dbt_project.yml"))
