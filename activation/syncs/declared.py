"""Syncs: what `config.meta.baton_sync` of a dbt exposure may say, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from activation.syncs.columns import Column
from baton.cards.durations import seconds_of

Nulls = Literal["skip", "clear", "send"]
Kind = Literal["text", "integer", "number", "boolean", "timestamp", "date"]
Gone = Literal["remove", "keep"]
SyncPurpose = Literal["profiles", "audiences", "suppressions", "contexts", "actions"]
RECORDS: frozenset[SyncPurpose] = frozenset({"contexts", "actions"})


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
    person: str | None = None
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
    person: str | None = None
    since: str | None = None
    when_gone: Gone = "remove"
    when_merged: Gone = "remove"
    breaker: Breaker = field(default_factory=Breaker)
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def columns(self) -> list[str]:
        """Every column of the model that is read, each once."""
        others = [self.consent.address, self.consent.channel_column] if self.consent else []
        fields = [one.column for one in self.fields]
        wanted = [*self.key, *fields, *others, self.person, self.since]
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


def sync_of(one: Exposure, words: Declared) -> Sync:
    default: Gone = "keep" if words.purpose == "profiles" else "remove"
    fields = tuple(
        Mapped(column, target.field, target.nulls, one.columns[column].is_personal)
        for column, target in targets_of(words).items()
    )
    keys = keys_of(words)
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
        person=words.person,
        since=words.since,
        when_gone=words.when_gone or default,
        when_merged=words.when_merged,
        breaker=words.breaker,
        options=tuple(words.options.items()),
    )


def keys_of(words: Declared) -> tuple[str, ...]:
    """The columns of the key."""
    return (words.key,) if isinstance(words.key, str) else tuple(words.key)


def targets_of(words: Declared) -> dict[str, Target]:
    """The target of each column, written out."""
    return {
        column: Target(field=target) if isinstance(target, str) else target
        for column, target in words.mapping.items()
    }
