"""How identifiers are spelt in rows of `raw.*`, as SQL for Python that reads them."""

from baton.intake.sql import ident

SPELT = ("email", "phone")
"""The node types whose spelling intake keeps in a column of its own."""
_SHORT = 63
"""Letters within which no part of an address is too long: to count them costs milliseconds."""
_EMAIL = (
    "when regexp_matches(lower({0}), "
    r"'^[a-z0-9!#$%&''*+/=?^_`{{|}}~.-]+"
    r"@([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$') "
    "then lower({0})"
)
_IS_ID = (
    "(length({0}) <= 1024 and not regexp_matches(lower({0}), "
    r"'^ *([0-]*|[(<\[]?(null|undefined|none|nil|nan|n/a|not set|object object)[)>\]]?) *$"
    "|[[:cntrl:]]'))"
)


def written(column: str) -> str:
    """Return the SQL of what stands in a column, as text."""
    return f"cast({ident(column)} as varchar)"


def spelt_column(column: str, node_type: str) -> str:
    """Return the name of the column in which intake keeps the spelling of another."""
    return f"_{column}_as_{node_type}"


def spelt(node_type: str, column: str) -> str:
    """Return the SQL of a value as `nodes` has it; null for what nobody can be known by.

    Ids are spelt as by macro `normalise_id`.
    """
    if node_type in SPELT:
        return ident(spelt_column(column, node_type))
    return (
        f"case when {is_known(node_type, column)} then nfc_normalize(trim({written(column)})) end"
    )


def is_known(node_type: str, column: str) -> str:
    """Return the SQL of whether somebody can be known by a value, without spelling an id."""
    if node_type in SPELT:
        return f"{ident(spelt_column(column, node_type))} is not null"
    return _IS_ID.format(written(column))


def plain_email(expression: str) -> str:
    """Return the SQL of a short address in ASCII, as macro `normalise_email` spells it.

    Trimming costs more than all else: it is for those that are none as they stand.
    """
    as_it_stands, trimmed = (_EMAIL.format(one) for one in (expression, f"trim({expression})"))
    return f"case when length({expression}) > {_SHORT} then null {as_it_stands} {trimmed} end"
