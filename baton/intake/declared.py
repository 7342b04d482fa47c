"""Sources as the dbt project declares them: `config.meta.baton` on each source table."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from baton.addresses import is_region
from baton.cards.durations import seconds_of
from baton.errors import UsageError
from baton.intake.source import (
    DEFAULT_MAX_DELETED_SHARE,
    Column,
    Mode,
    PhoneRegion,
    Reading,
    Source,
)

TYPES = ("varchar", "bigint", "integer", "double", "boolean", "date", "timestamp", "json")
_SYNONYMS = {
    "string": "varchar",
    "text": "varchar",
    "int": "integer",
    "long": "bigint",
    "float": "double",
    "bool": "boolean",
    "datetime": "timestamp",
}
_DECIMAL = re.compile(r"decimal\(\d{1,2},\d{1,2}\)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SCHEMA = "raw"
_TIMES = ("timestamp", "date")
_NUMBERS = ("bigint", "integer")
_LATE_SECONDS = 600
_LOADERS = ("_fivetran_", "_airbyte_", "_sdc_", "_dlt_")


_Table = Annotated[str, Field(pattern=r"^([A-Za-z_]\w*\.)?[A-Za-z_]\w*$")]


class _From(BaseModel):
    model_config = ConfigDict(extra="forbid")

    table: _Table | None = None
    tables: tuple[_Table, ...] | None = None
    cursor: str
    lateness: str | int | None = None
    database: str | None = None
    epoch: int = Field(default=1, ge=1)
    optional: bool = False
    only_declared: bool = False

    @model_validator(mode="after")
    def _table_or_tables(self) -> "_From":
        if (self.table is None) == (self.tables is None):
            raise ValueError("name one `table`, or several of one shape as `tables`")
        return self


class _Region(BaseModel):
    model_config = ConfigDict(extra="forbid")

    column: str | None = None
    otherwise: str | None = None

    @field_validator("otherwise")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value and not is_region(value):
            raise ValueError(f"{value!r} is no region such as US or GB (ISO 3166 alpha-2)")
        return value or None


class _Declaration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: Mode
    key: tuple[str, ...] = Field(min_length=1)
    occurred_at: str | None = None
    required: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()
    max_deleted_share: float = Field(default=DEFAULT_MAX_DELETED_SHARE, gt=0, le=1)
    read_from: _From | None = Field(default=None, alias="from")
    identifiers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    brings_back: bool = False
    says_no: bool = False
    phone_region: _Region | None = None

    @field_validator("key", "required", "restated", mode="before")
    @classmethod
    def _one_name_is_a_list_of_one(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("phone_region", mode="before")
    @classmethod
    def _one_region_for_all(cls, value: object) -> object:
        return {"otherwise": value} if isinstance(value, str) else value

    @field_validator("identifiers", mode="before")
    @classmethod
    def _types_by_column(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        given: Mapping[str, object] = value
        return tuple((name, (one,) if isinstance(one, str) else one) for name, one in given.items())


def sources_from_manifest(source_nodes: Iterable[Mapping[str, Any]]) -> list[Source]:
    """Return the sources that intake loads, sorted by relation; others have no `meta.baton`.

    Raises `UsageError` naming the source, the field and the mend when a declaration is wrong.
    """
    declared = [(node, _meta(node)) for node in source_nodes]
    sources = [_source(node, meta) for node, meta in declared if meta is not None]
    relations = Counter(source.relation for source in sources)
    for source in sources:
        if relations[source.relation] > 1:
            raise _wrong(source.label, "identifier", f"{source.relation} is declared twice")
    return sorted(sources, key=lambda source: source.relation)


def _meta(node: Mapping[str, Any]) -> object:
    config: Mapping[str, Any] = node.get("config") or {}
    meta: Mapping[str, Any] = {**(node.get("meta") or {}), **(config.get("meta") or {})}
    return meta.get("baton")


def _source(node: Mapping[str, Any], meta: object) -> Source:
    name, table = str(node["source_name"]), str(node["name"])
    label = f"{name}.{table}"
    identifier = str(node.get("identifier") or f"{name}_{table}")
    try:
        declaration = _Declaration.model_validate(meta)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "baton"
        raise _wrong(label, field, first["msg"]) from None
    if node.get("schema", _SCHEMA) != _SCHEMA:
        raise _wrong(label, "schema", f"intake writes to the schema {_SCHEMA} only")
    source = Source(
        name=name,
        table=table,
        relation=f"{_SCHEMA}.{identifier}",
        columns=_columns(label, node.get("columns") or {}),
        phone_region=_phone_region(declaration),
        **declaration.model_dump(exclude={"read_from", "phone_region"}),
    )
    _require_plain_names(source, identifier)
    _require_declared_columns(source)
    if declaration.read_from is None or declaration.read_from.tables == ():
        return source
    return replace(source, reading=_reading(source, declaration.read_from))


def _phone_region(declaration: _Declaration) -> PhoneRegion | None:
    given = declaration.phone_region
    return None if given is None else PhoneRegion(given.column, given.otherwise)


def _reading(source: Source, given: _From) -> Reading:
    if source.mode not in ("append", "upsert"):
        raise _wrong(source.label, "from", "a table is read by cursor with mode append or upsert")
    if given.cursor not in source.names:
        raise _wrong(source.label, "from.cursor", f"{given.cursor!r} is not a declared column")
    kind = source.column(given.cursor).data_type
    if kind not in (*_TIMES, *_NUMBERS):
        raise _wrong(source.label, "from.cursor", "a cursor is a time or a whole number")
    names = (given.table,) if given.table else given.tables or ()
    first, *others = (name if "." in name else f"main.{name}" for name in names)
    return Reading(
        table=first,
        cursor=given.cursor,
        lateness=_lateness(source.label, given.lateness, is_time=kind in _TIMES),
        database=given.database or None,
        epoch=given.epoch,
        beside=None if given.table else tuple(others),
        is_optional=given.optional,
        only_declared=given.only_declared,
    )


def _lateness(label: str, given: str | int | None, *, is_time: bool) -> int:
    if given is None:
        return _LATE_SECONDS if is_time else 0
    found = seconds_of(given) if is_time else given
    if not isinstance(found, int) or found < 0:
        wanted = "a duration such as 10 minutes" if is_time else "a whole number from 0 on"
        raise _wrong(label, "from.lateness", f"{given!r} is not {wanted}")
    return found


def _columns(label: str, columns: Mapping[str, Any]) -> tuple[Column, ...]:
    if not columns:
        raise _wrong(label, "columns", "no column is declared")
    return tuple(
        Column(name=name, data_type=_data_type(label, name, column.get("data_type")))
        for name, column in columns.items()
    )


def _data_type(label: str, name: str, given: str | None) -> str:
    compact = (given or "").lower().replace(" ", "")
    data_type = _SYNONYMS.get(compact, compact)
    if data_type in TYPES or _DECIMAL.fullmatch(data_type):
        return data_type
    known = ", ".join((*TYPES, "decimal(p,s)"))
    raise _wrong(label, f"columns.{name}.data_type", f"{given!r} is not one of {known}")


def _require_plain_names(source: Source, identifier: str) -> None:
    for name in (source.name, source.table, identifier):
        if not _NAME.fullmatch(name):
            raise _wrong(source.label, "name", f"{name!r} is not lower case with underscores")
    for name in source.names:
        if name.startswith("_") and not name.startswith(_LOADERS):
            raise _wrong(source.label, f"columns.{name}", "names with a leading _ are intake's")


def _require_declared_columns(source: Source) -> None:
    named = {
        "key": source.key,
        "required": source.required,
        "restated": source.restated,
        "identifiers": tuple(name for name, _types in source.identifiers),
        "phone_region.column": _named(source.phone_region and source.phone_region.column),
    }
    for field, names in named.items():
        for name in names:
            if name not in source.names:
                raise _wrong(source.label, field, f"{name!r} is not a declared column")
    if any(source.column(name).data_type == "json" for name in source.key):
        raise _wrong(source.label, "key", "a json column cannot be part of a key")
    if source.occurred_at is not None:
        _require_a_time(source, source.occurred_at)
    elif source.brings_back:
        raise _wrong(source.label, "brings_back", "only an occurred_at can be after an erasure")
    if source.brings_back and source.mode != "append":
        raise _wrong(source.label, "brings_back", "a state is nothing that somebody did")
    if source.mode == "feed" and [source.column(name).data_type for name in source.key] not in (
        ["bigint"],
        ["integer"],
    ):
        raise _wrong(source.label, "key", "a feed is read by one column of type bigint")


def _named(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _require_a_time(source: Source, name: str) -> None:
    if name not in source.names:
        raise _wrong(source.label, "occurred_at", f"{name!r} is not a declared column")
    if source.column(name).data_type not in _TIMES:
        raise _wrong(source.label, "occurred_at", f"{name!r} is neither timestamp nor date")


def _wrong(label: str, field: str, what: str) -> UsageError:
    return UsageError(
        f"the declaration of the source {label} is wrong: {field}: {what}",
        where=f"dbt source {label}, {field}",
        mend=f"correct {field} of {label} in its _<source>__sources.yml (config.meta.baton)",
    )
