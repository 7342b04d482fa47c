"""Syncs as dbt exposures: what `config.meta.baton_sync` may say, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from activation.config import DestinationsConfig
from activation.syncs.columns import Column, family_of, fits
from baton.cards.durations import seconds_of
from baton.cards.problems import Problem
from baton.errors import UsageError

Nulls = Literal["skip", "clear", "send"]
Kind = Literal["text", "integer", "number", "boolean", "timestamp", "date"]
Gone = Literal["remove", "keep"]
SyncPurpose = Literal["profiles", "audiences", "suppressions"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Strict):
    """The tool's name of a field, what it takes there, and what becomes of a null."""

    field: str = Field(min_length=1)
    type: Kind | None = None
    nulls: Nulls = "skip"


class Consent(_Strict):
    """Whose yes a row needs: channel (fixed, or in a column), purpose, brand, address column."""

    address: str
    channel: str | None = None
    channel_column: str | None = None
    purpose: str = "marketing"
    brand: str = "main"


class Breaker(_Strict):
    """What a plan may take away unasked: so many rows, and that share of what the tool holds.

    `fresh_within`: how old the last batch may be.
    """

    max_removals: int = Field(default=1_000, ge=0)
    max_share: float = Field(default=0.2, ge=0, le=1)
    fresh_within: str = "1 day"

    @field_validator("fresh_within")
    @classmethod
    def _is_a_duration(cls, value: str) -> str:
        if seconds_of(value) is None:
            raise ValueError("is no duration, such as `6 hours`")
        return value

    @property
    def fresh_seconds(self) -> float:
        """The same in seconds."""
        return float(seconds_of(self.fresh_within) or 0)


class Declared(_Strict):
    """The words of `baton_sync`, in the order in which people write them."""

    destination: str
    purpose: SyncPurpose
    key: str | list[str]
    mapping: dict[str, str | Target] = Field(min_length=1)
    audience: str | None = None
    consent: Consent | None = None
    since: str | None = None
    when_gone: Gone | None = None
    when_merged: Gone = "remove"
    breaker: Breaker = Breaker()
    options: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Mapped:
    """A column of the model and the field of the tool that gets it."""

    column: str
    field: str
    nulls: Nulls
    is_personal: bool


@dataclass(frozen=True)
class Sync:
    """One checked sync."""

    name: str
    owner: str
    model: str
    destination: str
    purpose: SyncPurpose
    key: tuple[str, ...]
    fields: tuple[Mapped, ...]
    is_key_personal: bool
    audience: str | None = None
    consent: Consent | None = None
    since: str | None = None
    when_gone: Gone = "remove"
    when_merged: Gone = "remove"
    breaker: Breaker = field(default_factory=Breaker)
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def columns(self) -> list[str]:
        """Every column of the model that is read, each once."""
        others = [self.consent.address, self.consent.channel_column] if self.consent else []
        wanted = [*self.key, *[one.column for one in self.fields], *others, self.since]
        return list(dict.fromkeys(name for name in wanted if name))

    @property
    def key_fields(self) -> tuple[str, ...]:
        """What the tool calls the columns of the key."""
        by_column = {one.column: one.field for one in self.fields}
        return tuple(by_column[column] for column in self.key)


@dataclass(frozen=True)
class Exposure:
    """What a sync needs to know of a dbt exposure, and of the models it depends on."""

    name: str
    owner: str
    file: str
    line: int
    words: object
    models: tuple[str, ...]
    columns: Mapping[str, Column]


def exposures_of(manifest: Any, root: Path) -> list[Exposure]:
    """The exposures of a parsed dbt project that carry `baton_sync`, by name."""
    found = [
        _exposure(one, manifest, root)
        for one in manifest.exposures.values()
        if "baton_sync" in one.config.meta
    ]
    return sorted(found, key=lambda one: one.name)


def check(
    exposures: Iterable[Exposure], config: DestinationsConfig
) -> tuple[list[Sync], list[Problem]]:
    """The syncs that are fine, and everything that is wrong with the others."""
    syncs: list[Sync] = []
    problems: list[Problem] = []
    for one in exposures:
        declared, found = _read(one)
        if declared is not None:
            found += [*_faults(one, declared, config)]
        if declared is not None and not found:
            syncs.append(_sync(one, declared))
        problems += found
    return syncs, problems


def _read(one: Exposure) -> tuple[Declared | None, list[Problem]]:
    try:
        return Declared.model_validate(one.words), []
    except ValidationError as error:
        return None, [
            _told(one, fault["loc"], fault["msg"], fault["type"]) for fault in error.errors()
        ]


def _told(one: Exposure, loc: tuple[int | str, ...], message: str, kind: str) -> Problem:
    place = ".".join(str(part) for part in loc if part not in ("str", "Target", "list[str]"))
    if kind == "extra_forbidden":
        known = ", ".join(Declared.model_fields)
        return _problem(one, f"unknown key {place!r}", f"use one of {known}")
    return _problem(one, f"{place}: {message}", "correct the value; see docs/reference/syncs.md")


def _faults(one: Exposure, words: Declared, config: DestinationsConfig) -> Iterator[Problem]:
    if len(one.models) != 1:
        yield _problem(one, "depends on more or less than one model", "name exactly one ref()")
        return
    yield from _column_faults(one, words)
    yield from _mapping_faults(one, words)
    yield from _meaning_faults(one, words)
    yield from _destination_faults(one, words, config)


def _column_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    if not one.columns:
        yield _problem(one, f"{one.models[0]} has no contract", "enforce one: it gives the types")
        return
    for place, name in _named_columns(words):
        if name not in one.columns:
            known = ", ".join(one.columns)
            yield _problem(
                one, f"{place}: {one.models[0]} has no column {name!r}", f"it has {known}"
            )
    for name in _keys(words):
        column = one.columns.get(name)
        if column is not None and column.family != "text":
            yield _problem(
                one,
                f"key: column {name!r} is {column.data_type}, a key is text",
                "cast it to varchar in the model",
            )


def _mapping_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for column, target in _targets(words).items():
        if target.field in seen:
            yield _problem(
                one,
                f"mapping: {seen[target.field]!r} and {column!r} both fill {target.field!r}",
                "map one of them",
            )
        seen[target.field] = column
        known = one.columns.get(column)
        if target.type and known and not fits(known.family, target.type):
            yield _problem(
                one,
                f"mapping: {target.field!r} takes {target.type}, column {column!r} is"
                f" {known.data_type}",
                f"cast the column in the model, or give the type {family_of(known.data_type)}",
            )
    for name in _keys(words):
        if name not in words.mapping:
            yield _problem(
                one, f"mapping: the key {name!r} is missing", "map it: the tool finds rows by it"
            )


def _meaning_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    if words.purpose == "audiences" and words.consent is None:
        yield _problem(
            one, "an audience without consent", "add consent: {channel, purpose, address}"
        )
    if words.purpose == "audiences" and words.audience is None:
        yield _problem(one, "an audience without a name", "add audience: <its name in the tool>")
    if words.consent and words.consent.channel_column and words.purpose != "suppressions":
        yield _problem(one, "consent: a column of channels", "make one sync per channel")
    if words.consent and (words.consent.channel is None) == (words.consent.channel_column is None):
        yield _problem(
            one, "consent: needs channel or channel_column, not both", "say which channel it is"
        )
    if words.purpose == "suppressions" and words.consent and not words.since:
        yield _problem(
            one,
            "consent without since: no yes could be newer",
            "name the column that says since when",
        )


def _destination_faults(
    one: Exposure, words: Declared, config: DestinationsConfig
) -> Iterator[Problem]:
    try:
        config.kind_of(words.destination)
    except UsageError as error:
        yield _problem(one, f"destination: {error.what}", error.mend)
        return
    try:
        destination = config.destination(words.destination, words.options)
    except UsageError:
        return  # what the environment lacks here is said where the sync runs
    if words.purpose not in destination.calls and not destination.takes_files:
        yield _problem(
            one,
            f"destination: {words.destination} takes no {words.purpose}",
            "name another destination",
        )


def _sync(one: Exposure, words: Declared) -> Sync:
    default: Gone = "keep" if words.purpose == "profiles" else "remove"
    fields = tuple(
        Mapped(column, target.field, target.nulls, one.columns[column].is_personal)
        for column, target in _targets(words).items()
    )
    keys = _keys(words)
    return Sync(
        name=one.name,
        owner=one.owner,
        model=one.models[0],
        destination=words.destination,
        purpose=words.purpose,
        key=keys,
        fields=fields,
        is_key_personal=any(one.columns[name].is_personal for name in keys),
        audience=words.audience,
        consent=words.consent,
        since=words.since,
        when_gone=words.when_gone or default,
        when_merged=words.when_merged,
        breaker=words.breaker,
        options=tuple(words.options.items()),
    )


def _named_columns(words: Declared) -> Iterator[tuple[str, str]]:
    yield from (("key", name) for name in _keys(words))
    yield from (("mapping", name) for name in words.mapping)
    if words.consent:
        yield "consent.address", words.consent.address
        if words.consent.channel_column:
            yield "consent.channel_column", words.consent.channel_column
    if words.since:
        yield "since", words.since


def _keys(words: Declared) -> tuple[str, ...]:
    return (words.key,) if isinstance(words.key, str) else tuple(words.key)


def _targets(words: Declared) -> dict[str, Target]:
    return {
        column: Target(field=target) if isinstance(target, str) else target
        for column, target in words.mapping.items()
    }


def _problem(one: Exposure, message: str, mend: str) -> Problem:
    return Problem("sync", one.file, one.line, f"{one.name}: {message}", mend)


def _exposure(one: Any, manifest: Any, root: Path) -> Exposure:
    nodes = [manifest.nodes[id_] for id_ in one.depends_on.nodes if id_ in manifest.nodes]
    columns: dict[str, Column] = {}
    if len(nodes) == 1 and nodes[0].contract.enforced:
        columns = {
            name: Column(name, str(column.data_type), "personal" in _tags(column))
            for name, column in nodes[0].columns.items()
        }
    return Exposure(
        name=one.name,
        owner=str(one.owner.name or one.owner.email),
        file=one.original_file_path,
        line=_line_of(root / one.original_file_path, one.name),
        words=one.config.meta["baton_sync"],
        models=tuple(node.name for node in nodes),
        columns=columns,
    )


def _tags(column: Any) -> set[str]:
    return {*column.tags, *column.config.tags}


def _line_of(file: Path, name: str) -> int:
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return next((n for n, line in enumerate(lines, 1) if f"name: {name}" in line), 1)
