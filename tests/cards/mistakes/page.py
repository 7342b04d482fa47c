"""The page of the docs that lists the mistakes: `python -m mistakes.page` in `tests/cards`."""

from collections.abc import Iterator
from pathlib import Path

from mistakes import SECTIONS
from mistakes.table import Mistake

PAGE = Path(__file__).parents[3] / "docs/reference/mistakes.md"
HEAD = """\
# What `baton check` refuses

Each kind of mistake with an example, what is said, and the mend; made from the table in
`tests/cards/mistakes/`. A problem is shown as

```
dbt_project/models/journeys/cards/quote_stalled.sql:12  no action is called `task_cal`
    mend: did you mean `task_call`?
```

and with `--json` as a list of `code`, `file`, `line`, `message` and `mend`. All problems of a
project are said at once.
"""


def page() -> str:
    """Return the page as it should stand in the docs."""
    seen: set[str] = set()
    parts = [HEAD]
    for title, section in SECTIONS.items():
        rows = [row for name, one in section.items() for row in _rows(name, one, seen)]
        header = ["| code | such as | written | it says | mend |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"## {title}", "", *header, *rows, ""]))
    return "\n".join(parts)


def _rows(name: str, mistake: Mistake, seen: set[str]) -> Iterator[str]:
    for said in mistake.said:
        if said.code not in seen:
            seen.add(said.code)
            cells = [f"`{said.code}`", name, _example(mistake), said.message, said.mend]
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _example(mistake: Mistake) -> str:
    if mistake.also:
        return f"beside it the file `{next(iter(mistake.also))}`"
    written = mistake.new.strip().splitlines()
    return (
        f"`{written[-1].strip(' ,')}`" if written else f"no `{mistake.old.strip(' ,' + chr(10))}`"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
