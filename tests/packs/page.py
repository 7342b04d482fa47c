"""Does what a how-to page says: writes the files that it shows, each where the page says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_NAMED = re.compile(r"`([\w./-]+\.\w+)`(?:[^`\n]*)$")
_APPENDED = {"stg_observations.sql", "stg_field_values.sql", "field_trust.csv", "actions.csv"}


@dataclass(frozen=True)
class Step:
    """One block under a line that names a file."""

    file: str
    language: str
    text: str


def steps_of(page: str) -> Iterator[Step]:
    """Yield the page's blocks that stand right under the name of a file, in order."""
    for found in _BLOCK.finditer(page):
        above = page[: found.start()].rstrip().splitlines()[-1]
        named = _NAMED.search(above)
        if named:
            yield Step(named[1], found[1], found[2])


def follow(page: str, root: Path) -> list[Step]:
    """Do each step below `root`; fails where the page is not true of the files it changes."""
    steps = list(steps_of(page))
    for step in steps:
        target = root / step.file
        if step.language == "diff":
            _change(target, step.text)
        elif target.name in _APPENDED:
            target.write_text(target.read_text("utf-8") + step.text, "utf-8")
        else:
            assert not target.exists(), f"{step.file} is there already"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, "utf-8")
    return steps


def _change(target: Path, diff: str) -> None:
    lines = diff.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    text = target.read_text("utf-8")
    assert text.count(old) == 1, f"{target.name} has no such lines"
    target.write_text(text.replace(old, new), "utf-8")
