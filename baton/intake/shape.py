"""A chunk's rows as SQL: each declared column as given, and the rest as `_extra`."""

import json
from collections import Counter
from dataclasses import dataclass

import pyarrow as pa

from baton.intake import faults
from baton.intake.arrow import DataType
from baton.intake.casts import NESTED, TEXT, cast
from baton.intake.readers import Chunk
from baton.intake.source import Column, Source
from baton.intake.sql import ROWS, ident, text

PROVENANCE = Column("_provenance", "varchar")
RECEIVED_AT = Column("_received_at", "timestamp")
_RESERVED = (PROVENANCE, RECEIVED_AT)


@dataclass(frozen=True)
class Given:
    """A field in SQL, and the declared type (or `nested`) that it comes in."""

    sql: str
    data_type: str


@dataclass(frozen=True)
class Shape:
    """How the chunk shows its rows: `relation` has `line`, `text` and `fault`.

    `record` is the SQL of the record as it stood, as text.
    """

    relation: str
    fields: dict[str, Given]
    extra: str
    record: str

    def value(self, column: Column) -> str:
        """Return the SQL of the declared column; null if it is absent or not of its type."""
        given = self.fields.get(column.name)
        return cast(column, given.sql, given.data_type) if given else "null"


def shape_of(chunk: Chunk, source: Source) -> Shape:
    """Return the shape of the chunk, for statements that are run `on_rows` of it."""
    return _of_objects(source) if chunk.fields is None else _of_columns(chunk, source)


def defect(fields: tuple[str, ...] | None, source: Source) -> str | None:
    """Return the fault of a whole file with these fields: a needed one missing, or one twice."""
    if fields is None:
        return None
    for name in source.needed:
        if name not in fields:
            return f"{faults.MISSING_COLUMN}:{name}"
    for name, times in Counter(fields).items():
        if times > 1:
            return f"{faults.REPEATED_COLUMN}:{name}"
    return None


def without(document: str, names: tuple[str, ...]) -> str:
    """Return the SQL of the JSON object `document` without the fields `names`; null if empty."""
    patch = text(json.dumps(dict.fromkeys(names)))
    rest = f"cast(json_merge_patch({document}, {patch}) as varchar)"
    return f"case when {document} is not null then nullif({rest}, '{{}}') end"


def _of_objects(source: Source) -> Shape:
    columns = (*source.columns, *_RESERVED)
    types = {one.name: "JSON" if one.data_type == "json" else "VARCHAR" for one in columns}
    relation = rf"""(
        select line, text, fault,
            json_transform(case when fault is null then text end, {text(json.dumps(types))}) as v
        from (
            select line, text, coalesce(fault, case
                when not json_valid(text) then '{faults.BAD_JSON}'
                when not regexp_matches(text, '^\s*\{{') then '{faults.NOT_OBJECT}'
            end) as fault
            from {ROWS} where regexp_matches(text, '\S')
        )
    )"""
    fields = {
        one.name: Given(f"v.{ident(one.name)}", "json" if one.data_type == "json" else TEXT)
        for one in columns
    }
    document = "case when fault is null then text end"
    extra = without(f"({document})", tuple(one.name for one in columns))
    return Shape(relation, fields, extra, record="text")


def _of_columns(chunk: Chunk, source: Source) -> Shape:
    names = chunk.fields or ()
    given = {
        name: Given(f"f{number}", _given_type(chunk.rows.schema.field(f"f{number}").type))
        for number, name in enumerate(names)
    }
    declared = {*source.names, *(one.name for one in _RESERVED)}
    fields = {name: one for name, one in given.items() if name in declared}
    rest = _object({name: one for name, one in given.items() if name not in declared})
    extra = f"nullif(cast(json_merge_patch('{{}}', {rest}) as varchar), '{{}}')"
    record = f"coalesce(text, cast({_object(given)} as varchar))"
    return Shape(ROWS, fields, extra if len(fields) < len(given) else "null", record)


def _object(given: dict[str, Given]) -> str:
    pairs = ", ".join(f"{text(name)}, {one.sql}" for name, one in given.items())
    return f"json_object({pairs})"


def _given_type(kind: DataType) -> str:
    if pa.types.is_nested(kind):
        return NESTED
    names = (
        (pa.types.is_floating, "double"),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp"),
        (pa.types.is_integer, "bigint"),
        (pa.types.is_decimal, "decimal"),
    )
    return next((name for is_kind, name in names if is_kind(kind)), TEXT)
