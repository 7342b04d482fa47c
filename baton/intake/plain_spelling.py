"""The spellings that SQL alone can make: null is not "nobody", but "ask `addresses`"."""

from collections.abc import Sequence

from baton.addresses import is_region
from baton.intake.identifiers import plain_email
from baton.intake.phone_plans import bare_phone, plain_phone
from baton.intake.source import Source
from baton.intake.sql import ident, text

_NONE = "cast(null as varchar)"


def region(source: Source) -> str:
    """Return the SQL of the region in which a record's phone numbers are dialled."""
    given = source.phone_region
    if given is None:
        return _NONE
    otherwise = text(given.otherwise) if given.otherwise else _NONE
    if given.column is None:
        return otherwise
    named = f"upper(trim({ident(given.column)}))"
    return f"coalesce(case when {named} similar to '[A-Z][A-Z]' then {named} end, {otherwise})"


def plain_spelling(column: str, node_type: str, place: str, regions: Sequence[str]) -> str:
    """Return the SQL of a spelling; `column`, a text, and `place`, its region, are SQL too.

    The plans of `regions` are known.
    """
    if node_type == "phone":
        return plain_phone(bare_phone(column), place, regions)
    return plain_email(column)


def sole_region(source: Source) -> list[str]:
    """The region of all records alike, if one is declared; only then are its plans enough."""
    given = source.phone_region
    return [given.otherwise] if given and given.otherwise and is_region(given.otherwise) else []


def names_regions(source: Source) -> bool:
    """Whether each record says where its phone numbers are dialled."""
    given = source.phone_region
    return given is not None and given.column is not None
