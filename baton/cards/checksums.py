"""Checksums of the SQL of signals and guards, blind to comments and layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from baton.cards.places import KINDS
from baton.cards.promises import promise_of
from baton.cards.variables import variables_checksum
from baton.ids import make_id

_TOKENS = re.compile(
    r"""--[^\n]* | /\*.*?\*/ | \{\#.*?\#\}
      | ( '(?:[^']|'')*' | "(?:[^"]|"")*" | \w+ | [^\w\s] )""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, order=True)
class SqlFact:
    """The SQL of one signal or guard, and what it promises of its input.

    `kind` is signal or guard; `checksum` covers the variables of the project, too, as they decide
    what it hears; `source` is written as `<source>.<table>`, and
    `fresh_within_s` is None where no freshness is promised.
    """

    kind: str
    name: str
    checksum: str
    source: str | None = None
    fresh_within_s: int | None = None


def sql_facts(dbt_project: Path) -> tuple[SqlFact, ...]:
    """Return the signals and guards of a dbt project, by kind and name."""
    return tuple(sorted(_sql_facts(dbt_project)))


def sql_checksums(dbt_project: Path) -> Iterator[tuple[str, str]]:
    """Yield `signals/<name>` or `guards/<name>` with the checksum of its file."""
    for fact in sql_facts(dbt_project):
        yield f"{KINDS[fact.kind].name}/{fact.name}", fact.checksum


def _sql_facts(dbt_project: Path) -> Iterator[SqlFact]:
    variables = variables_checksum(dbt_project)
    for kind, folder in KINDS.items():
        for path in (dbt_project / folder).glob("*.sql"):
            text = path.read_text(encoding="utf-8", errors="replace")
            promise = promise_of(dbt_project, folder, path.stem)
            checksum = sql_checksum(text)
            if variables:
                checksum = make_id("sql", checksum, variables)
            yield SqlFact(kind, path.stem, checksum, promise.source, promise.fresh_within_s)


def sql_checksum(sql: str) -> str:
    """Return the md5 of the SQL's tokens; what stands in quotes counts to the letter."""
    tokens = (match[1] for match in _TOKENS.finditer(sql))
    return make_id("sql", *(token for token in tokens if token))
