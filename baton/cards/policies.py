"""Reads flat policies: CSV seeds with a header."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from baton.cards.hints import name_hint
from baton.cards.problems import Found

KEYED = frozenset({"actions", "channels", "handoffs"})


@dataclass(frozen=True)
class PolicyLine:
    """One row of a policy: where it ends in the file, and its cells by column.

    A row that does not fit the header is filled up with empty cells, or cut.
    """

    line: int
    cells: Mapping[str, str]
    fits: bool


@dataclass(frozen=True)
class Policy:
    """A policy file, its rows in the order of the file."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[PolicyLine, ...]
    faults: tuple[Found, ...]


def read_policy(path: Path) -> Policy:
    """Return the policy in the file; a missing file gives one without columns."""
    if not path.is_file():
        return Policy(path.stem, (), (), ())
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(_rows(file))
    except (csv.Error, UnicodeDecodeError) as error:
        mend = "save it as UTF-8 CSV with `,` and double quotes"
        fault = Found("policy_not_csv", 1, f"cannot be read as CSV: {_first_line(error)}", mend)
        return Policy(path.stem, (), (), (fault,))
    return _policy(path.stem, rows)


def policy_faults(policy: Policy) -> Iterator[Found]:
    """Yield faults any policy can have: no CSV, odd columns or rows, a key given twice."""
    yield from policy.faults
    first: dict[str, int] = {}
    for line in policy.lines if policy.name in KEYED else ():
        key = line.cells[policy.columns[0]]
        if key in first:
            mend = f"keep one; the first stands on line {first[key]}"
            yield Found("policy_key_twice", line.line, f"`{key}` is given twice", mend)
        first.setdefault(key, line.line)


def column_faults(policy: Policy, columns: Sequence[str], code: str) -> Iterator[Found]:
    """Yield a fault for each column too many or missing; their codes begin with `code`."""
    for name in sorted(set(policy.columns) - set(columns)):
        mend = name_hint(name, columns, "take the column out")
        message = f"`{name}` is no column of {policy.name}"
        yield Found(f"{code}_unknown_column", 1, message, mend)
    for name in columns:
        if name not in policy.columns:
            mend = f"add the column; the columns are {','.join(columns)}"
            message = f"the column `{name}` is missing"
            yield Found(f"{code}_missing_column", 1, message, mend)


def _rows(file: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, strict=True)
    for row in reader:
        if row:
            yield reader.line_num, row


def _policy(name: str, rows: list[tuple[int, list[str]]]) -> Policy:
    columns = tuple(rows[0][1]) if rows else ()
    faults: list[Found] = []
    if not columns or "" in columns or len(set(columns)) < len(columns):
        mend = "name every column once in the first line"
        faults.append(Found("policy_header", 1, "the header is empty or repeats a column", mend))
    lines: list[PolicyLine] = []
    for line, row in rows[1:]:
        fits = len(row) == len(columns)
        filled = [*row, *[""] * len(columns)]
        lines.append(PolicyLine(line, dict(zip(columns, filled, strict=False)), fits))
        if not fits:
            mend = "give every column a cell; quote cells that hold a comma"
            message = f"the row has {len(row)} cells for {len(columns)} columns"
            faults.append(Found("policy_row_length", line, message, mend))
    return Policy(name, columns, tuple(lines), tuple(faults))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
