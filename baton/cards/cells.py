"""Rules of the cells of flat policies, and of the tables they make up."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from baton.cards.hints import name_hint
from baton.cards.policies import Policy, PolicyLine, column_faults
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary
from baton.cards.words import NAME_PATTERN

Fault = tuple[str, str] | None
"""What a cell is, and the mend; None when it is right."""
Rule = Callable[[str, Vocabulary], Fault]


@dataclass(frozen=True)
class Table:
    """A policy: the rule of each column, and the columns that name a row."""

    columns: Mapping[str, Rule]
    key: tuple[str, ...]


def table_faults(policy: Policy, table: Table, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of columns and rows; none for a policy without columns."""
    if not policy.columns:
        return
    yield from column_faults(policy, tuple(table.columns), policy.name)
    if not set(table.columns) <= set(policy.columns):
        return
    for line in (line for line in policy.lines if line.fits):
        yield from _cell_faults(policy.name, table, line, vocabulary)
    yield from _repeated(policy, table.key)


def _cell_faults(
    of: str, table: Table, line: PolicyLine, vocabulary: Vocabulary
) -> Iterator[Found]:
    for column, rule in table.columns.items():
        fault = rule(line.cells[column], vocabulary)
        if fault:
            written = line.cells[column]
            message = f"`{column}` {fault[0]}: `{written}`" if written else f"no `{column}`"
            yield Found(f"{of}_bad_{column}", line.line, message, fault[1])


def _repeated(policy: Policy, key: tuple[str, ...]) -> Iterator[Found]:
    first: dict[tuple[str, ...], int] = {}
    for line in policy.lines:
        own = tuple(line.cells[column] for column in key)
        if own in first:
            mend = f"keep one; the first stands on line {first[own]}"
            message = f"a row is given twice: {', '.join(key)}"
            yield Found(f"{policy.name}_twice", line.line, message, mend)
        first.setdefault(own, line.line)


def name(written: str, _: Vocabulary) -> Fault:
    """A name as cards and policies have it."""
    if re.fullmatch(NAME_PATTERN, written):
        return None
    return "is not a name", "use small letters, digits and `_`, starting with a letter"


def words(written: str, _: Vocabulary) -> Fault:
    """Anything but nothing."""
    return None if written.strip() else ("is empty", "write any word that stays the same")


def one_of(known: Callable[[Vocabulary], Collection[str]], *, blank: bool = False) -> Rule:
    """One of the names that the vocabulary knows, or blank where that is allowed."""

    def rule(written: str, vocabulary: Vocabulary) -> Fault:
        names = known(vocabulary)
        if written in names or (blank and not written):
            return None
        return "is none Baton knows", name_hint(
            written, names, "leave it blank for any" if blank else "take the row out"
        )

    return rule


def word_of(*words: str, blank: bool = False) -> Rule:
    """One of these words."""
    return one_of(lambda _: words, blank=blank)


def number(written: str, *, least: float, most: float, mend: str) -> Fault:
    """A decimal number within two bounds."""
    is_number = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", written)
    return (
        None
        if is_number and least <= float(written) <= most
        else ("is no number in its range", mend)
    )
