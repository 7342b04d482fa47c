"""Typed columns in the few types that intake casts from."""

import pyarrow as pa

from baton.intake.arrow import Array


def plain(column: Array) -> Array:
    """Return the column without dictionaries, zones (times become UTC) and untagged text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.timestamp("us"))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _as_text(column)
    return column


def _as_text(column: Array) -> Array:
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        return column
