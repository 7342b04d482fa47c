"""What a check found: where it is, what is wrong, and how to mend it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` counts from 1 in `file`, which is relative to the project."""

    code: str
    file: str
    line: int
    message: str
    mend: str


@dataclass(frozen=True)
class Found:
    """A problem whose file is not known yet: checks of one text do not know its name."""

    code: str
    line: int
    message: str
    mend: str

    def in_file(self, file: str) -> Problem:
        """Return the problem as it stands in `file`."""
        return Problem(self.code, file, self.line, self.message, self.mend)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems by file, line and code, each once."""
    return sorted(set(problems), key=lambda p: (p.file, p.line, p.code, p.message))


def render(problems: Iterable[Problem]) -> str:
    """Return the problems for people: `path:line  message`, then the mend on a line of its own."""
    return "\n".join(f"{p.file}:{p.line}  {p.message}\n    mend: {p.mend}" for p in problems)


def to_json(problems: Iterable[Problem]) -> str:
    """Return the problems as a JSON list of objects with the fields of `Problem`."""
    return json.dumps([asdict(problem) for problem in problems], indent=2)
