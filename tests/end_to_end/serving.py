"""`baton serve` as a process of its own, and a desk that asks it."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from project_copies import REPOSITORY

from baton.serve.keys import make_key

from .commands import start

_LINK_KEY = "a-key-of-the-tests-long-enough-to-be-one"


class Service:
    """A running service over a journal, on a free port."""

    def __init__(self, journal: Path) -> None:
        self._key, entry = make_key("desk")
        self._environment = {
            "BATON_JOURNAL": str(journal),
            "BATON_LINK_KEY": _LINK_KEY,
            "BATON_API_KEYS": f"{entry}:unmask",
        }

    def __enter__(self) -> "Service":
        self._process = start(REPOSITORY, self._environment, "serve", "--port", "0", "--json")
        self._url = _listening(self._process)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)

    def search(self, asked: Mapping[str, str], *, unmask: bool = False) -> tuple[int, Any]:
        """Status and answer of a search by e-mail, phone or id."""
        url = f"{self._url}/v1/contexts/search{'?unmask=true' if unmask else ''}"
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        with urlopen(Request(url, json.dumps(asked).encode(), headers), timeout=10) as answer:  # noqa: S310  # our own service on loopback
            return answer.status, json.load(answer)


def _listening(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    while not (lines and lines[-1] == "}"):
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise AssertionError(process.stderr.read() if process.stderr else "")
        lines.append(line.rstrip())
    return str(json.loads("".join(lines))["listening"])
