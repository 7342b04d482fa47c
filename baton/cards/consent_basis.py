"""Rules of `consent_basis.csv`: what a message rests on, by purpose, channel and country."""

import re
from collections.abc import Collection, Iterator

from baton.cards.hints import name_hint
from baton.cards.policies import Policy, PolicyLine, column_faults
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary
from baton.cards.words import PURPOSES

COLUMNS = ("purpose", "channel", "country", "basis", "needs_double_opt_in", "valid_for")
BASES = ("consent", "soft_opt_in", "legitimate_interest", "contract")

_COUNTRY = r"[A-Z]{2}"
_AGE = r"[1-9][0-9]{0,3} (day|week|month|year)s?"


def basis_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of the policy's columns and rows."""
    yield from column_faults(policy, COLUMNS, "basis")
    if not set(COLUMNS) <= set(policy.columns):
        return
    for line in (line for line in policy.lines if line.fits):
        yield from _choice_faults(line, vocabulary)
        yield from _value_faults(line)
    yield from _repeated(policy)


def _choice_faults(line: PolicyLine, vocabulary: Vocabulary) -> Iterator[Found]:
    yield from _choice(line, "purpose", PURPOSES)
    yield from _choice(line, "basis", BASES)
    if line.cells["channel"]:
        yield from _choice(line, "channel", vocabulary.channels)
    if line.cells["needs_double_opt_in"]:
        yield from _choice(line, "needs_double_opt_in", ("true", "false"))


def _choice(line: PolicyLine, column: str, known: Collection[str]) -> Iterator[Found]:
    written = line.cells[column]
    if written not in known:
        mend = name_hint(written, known, f"write a known {column} (line {line.line})")
        message = f"`{written}` is no {column} Baton knows" if written else f"no `{column}`"
        yield Found(f"basis_bad_{column}", line.line, message, mend)


def _value_faults(line: PolicyLine) -> Iterator[Found]:
    country, age = line.cells["country"], line.cells["valid_for"]
    if country and not re.fullmatch(_COUNTRY, country):
        mend = "write its two capital letters of ISO 3166, such as `DE`, or leave it blank for any"
        yield Found("basis_bad_country", line.line, f"`{country}` is no country code", mend)
    if age and not re.fullmatch(_AGE, age):
        mend = 'write a whole number and days, weeks, months or years, such as "24 months"'
        yield Found("basis_bad_valid_for", line.line, f"`valid_for` is no age: `{age}`", mend)


def _repeated(policy: Policy) -> Iterator[Found]:
    first: dict[tuple[str, ...], int] = {}
    for line in policy.lines:
        key = tuple(line.cells[column] for column in COLUMNS[:3])
        if key in first:
            mend = f"keep one; the first stands on line {first[key]}"
            message = "purpose, channel and country are given twice"
            yield Found("basis_twice", line.line, message, mend)
        first.setdefault(key, line.line)
