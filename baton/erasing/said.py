"""Values in records of which nobody knows the columns: whole ones, in whatever spelling."""

import re
from collections.abc import Sequence

from baton.tombstones import Identifier

_SHORTEST = 5
_ESCAPE = r"\\[nrtbf]|\\u[0-9a-f]{4}"
_NATIONAL = re.compile(r"\+1[0-9]{10}")


def says(column: str, identifiers: Sequence[Identifier]) -> str:
    """The condition that a text says one of the values, empty when none is long enough to tell.

    A value is no part of a longer one: ids stand between what is neither letter nor digit, and
    addresses between what no address has. Digits of phone numbers may stand apart.
    """
    parts = [
        f"regexp_matches(lower({column}), {quoted(_pattern(one))})"
        for one in identifiers
        if len(one.value) >= _SHORTEST
    ]
    return " or ".join(parts)


def quoted(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"


def _pattern(one: Identifier) -> str:
    if one.node_type == "phone":
        return _digits(one.value)
    value = re.escape(one.value.lower())
    if one.node_type == "email":
        return rf"(^|[^a-z0-9._%+-]|{_ESCAPE}){value}($|[^a-z0-9.-]|\.($|[^a-z0-9]))"
    return rf"(^|[^a-z0-9]|{_ESCAPE}){value}($|[^a-z0-9])"


def _digits(number: str) -> str:
    """A phone number with or without `+` or `00`; one of ten digits after +1 also without the 1."""
    is_national = _NATIONAL.fullmatch(number) is not None
    digits = [one for one in number if one.isdigit()]
    between = "[^0-9a-z]{0,4}"
    first = f"({digits.pop(0)}{between})?" if is_national else ""
    return f"(^|[^0-9])(00{between})?{first}{between.join(digits)}($|[^0-9])"
