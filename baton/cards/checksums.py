"""Checksums of the SQL of signals and guards, blind to comments and layout."""

import re
from collections.abc import Iterator
from pathlib import Path

from baton.cards.vocabulary import GUARDS, SIGNALS
from baton.ids import make_id

_TOKENS = re.compile(
    r"""--[^\n]* | /\*.*?\*/ | \{\#.*?\#\}
      | ( '(?:[^']|'')*' | "(?:[^"]|"")*" | \w+ | [^\w\s] )""",
    re.DOTALL | re.VERBOSE,
)


def sql_checksums(dbt_project: Path) -> Iterator[tuple[str, str]]:
    """Yield `signals/<name>` or `guards/<name>` with the checksum of its file."""
    for folder in (SIGNALS, GUARDS):
        for path in sorted((dbt_project / folder).glob("*.sql")):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield f"{folder.name}/{path.stem}", sql_checksum(text)


def sql_checksum(sql: str) -> str:
    """Return the md5 of the SQL's tokens; what stands in quotes counts to the letter."""
    tokens = (match[1] for match in _TOKENS.finditer(sql))
    return make_id("sql", *(token for token in tokens if token))
