"""The command `baton`: in this process where it is quick, in another one where that matters."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from baton.cli import main

BATON = Path(sys.executable).with_name("baton")


def call(root: Path, environment: Mapping[str, str | None], *arguments: str) -> Result:
    """Call the command from `root`; a variable that is None is not set."""
    with contextlib.chdir(root):
        return CliRunner().invoke(main, arguments, env=environment)


def start(root: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the command from `root` in a process of its own."""
    return subprocess.Popen(
        [BATON, *arguments],
        cwd=root,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
