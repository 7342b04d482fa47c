"""From what a source gave to what is declared, in SQL; null where it cannot be.

Text times are ISO 8601. DuckDB's cast to `timestamp` ignores an offset, so a text with one goes
through `timestamptz`, whose microseconds since the epoch are UTC whatever the session's zone.
"""

from baton.intake.source import Column

_DATE = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_UTC = rf"{_DATE}([T ]{_CLOCK}Z?)?"
_WITH_OFFSET = rf"{_DATE}[T ]{_CLOCK}[+-]\d{{2}}(:?\d{{2}})?"
_NO_SECONDS = r"([T ]\d{2}:\d{2})([Z+-].*)?$"
_INTEGER = r"\s*[+-]?\d+(\.0*)?\s*"
_NUMBER = r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*"
_TEMPORAL = {"date", "timestamp"}

TEXT = "varchar"
NESTED = "nested"


def cast(column: Column, sql: str, given: str) -> str:
    """Return the SQL that makes `column` of `sql`, which is of the type `given`."""
    wanted = column.data_type
    if given == NESTED:
        return cast(column, f"cast(to_json({sql}) as varchar)", TEXT)
    if wanted == TEXT:
        return sql if given == TEXT else f"cast({sql} as varchar)"
    if wanted == given == "double":
        return _finite(sql)
    if wanted == given or {wanted, given} <= _TEMPORAL:
        return f"try_cast({sql} as {wanted})"
    return _from_text(wanted, sql if given == TEXT else f"cast({sql} as varchar)")


def _from_text(wanted: str, sql: str) -> str:
    if wanted == "timestamp":
        return _time(sql)
    if wanted == "date":
        return f"cast({_time(sql)} as date)"
    if wanted == "double":
        return _if_matches(sql, _NUMBER, _finite(f"try_cast({sql} as double)"))
    if wanted in {"json", "boolean"}:
        return f"try_cast({sql} as {wanted})"
    pattern = _NUMBER if wanted.startswith("decimal") else _INTEGER
    return _if_matches(sql, pattern, f"try_cast({sql} as {wanted})")


def _time(sql: str) -> str:
    utc = f"try_cast({_with_seconds(sql)} as timestamp)"
    instant = f"try_cast({_with_seconds(sql)} as timestamptz)"
    return (
        f"case when regexp_full_match({sql}, '{_UTC}') then {utc} "
        f"when regexp_full_match({sql}, '{_WITH_OFFSET}') "
        f"then make_timestamp(epoch_us({instant})) end"
    )


def _with_seconds(sql: str) -> str:
    return (
        f"case when length({sql}) >= 19 and {sql}[17] = ':' then {sql} "
        rf"else regexp_replace({sql}, '{_NO_SECONDS}', '\1:00\2') end"
    )


def _if_matches(sql: str, pattern: str, then: str) -> str:
    return f"case when regexp_full_match({sql}, '{pattern}') then {then} end"


def _finite(sql: str) -> str:
    return f"case when isfinite({sql}) then {sql} end"
