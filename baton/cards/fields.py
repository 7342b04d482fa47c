"""The values that keys of a card may have: names, durations, local times, shares, reasons."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from baton.cards.durations import DURATION_PATTERN, duration_fault, seconds_of
from baton.cards.hints import near_hint
from baton.cards.local_times import (
    DAY_WORDS,
    DAYS,
    DAYS_MEND,
    TIME_PATTERN,
    days_of,
    seconds_of_day,
    time_mend,
)
from baton.cards.words import NAME_PATTERN
from baton.cards.zones import zone_mend, zones

_T = TypeVar("_T")
_ALL = 100


def _fault(code: str, message: str, mend: str) -> PydanticCustomError:
    facts = {"message": message, "mend": mend}
    return PydanticCustomError(code, "{message}", facts)  # pyright: ignore[reportArgumentType]


def _as_seconds(written: object) -> int:
    fault = duration_fault(written)
    if fault:
        raise _fault(*fault)
    return seconds_of(written) or 0


def _as_seconds_of_day(written: object) -> int:
    seconds = seconds_of_day(written)
    if seconds is None:
        raise _fault("bad_time", "is not a local time", time_mend(written))
    return seconds


def _as_days(written: object) -> tuple[str, ...] | None:
    _refuse_empty(written)
    try:
        days = days_of(written)
    except ValueError as error:
        mend = near_hint(str(error), [*DAYS, *DAY_WORDS]) or DAYS_MEND
        raise _fault("unknown_day", f"names no day: `{error}`", mend) from None
    return None if days == DAYS else days


def _as_names(written: object) -> object:
    return (written,) if isinstance(written, str) else as_tuple(written)


def _refuse_empty(written: object) -> None:
    if written == []:
        raise _fault("empty_value", "is an empty list", "name at least one, or take the key out")


def as_tuple(written: object) -> object:
    _refuse_empty(written)
    return tuple(written) if isinstance(written, list) else written  # pyright: ignore[reportUnknownVariableType]


def _sorted_once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _as_share(written: object) -> object:
    if type(written) is not int or not 1 <= written <= _ALL:
        mend = "write a whole number from 1 to 99; all of them together are 100"
        raise _fault("bad_share", "is no whole percentage above 0", mend)
    return written


def _whole(shares: Mapping[str, int]) -> Mapping[str, int]:
    if len(shares) < 2:  # noqa: PLR2004
        mend = "name two targets or more, or write `to:` instead"
        raise _fault("split_single", "has fewer than two targets", mend)
    total = sum(shares.values())
    if total != _ALL:
        mend = "change the percentages until they add up to 100"
        raise _fault("split_sum", f"adds up to {total}, not to 100", mend)
    return shares


def _known_zone(written: str) -> str:
    if written not in zones():
        raise _fault("unknown_zone", f"names no time zone: `{written}`", zone_mend(written))
    return written


def _plain_text(written: str) -> str:
    text = " ".join(written.split())
    if not text:
        raise _fault("empty_value", "has no value", "say in a few words why this happens")
    if re.search(r"[\\\x00-\x1f\x7f]", text):
        mend = "write it without: warehouses read a backslash differently"
        raise _fault("bad_character", "holds a backslash or a control character", mend)
    return text


def _one_or_each(written: object) -> str:
    return "[each]" if isinstance(written, Mapping) else "[one]"


Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
NonEmpty = Annotated[list[_T], Field(min_length=1)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_as_names, json_schema_input_type=Name | NonEmpty[Name]),
    AfterValidator(_sorted_once),
]
Duration = Annotated[
    int,
    BeforeValidator(_as_seconds),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN}),
]
LocalTime = Annotated[
    int,
    BeforeValidator(_as_seconds_of_day),
    WithJsonSchema({"type": "string", "pattern": TIME_PATTERN}),
]
_DAY = {"enum": list(DAYS)}
Days = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(_as_days),
    WithJsonSchema(
        {"anyOf": [{"enum": [*DAY_WORDS, *DAYS]}, {"type": "array", "items": _DAY, "minItems": 1}]}
    ),
]
Share = Annotated[
    int,
    BeforeValidator(_as_share),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 99}),
]
Shares = Annotated[
    dict[Name, Share],
    AfterValidator(_whole),
    Field(json_schema_extra={"minProperties": 2}),
]
Actions = Annotated[
    Annotated[Name, Tag("[one]")] | Annotated[dict[Name, Name], Field(min_length=1), Tag("[each]")],
    Discriminator(_one_or_each),
]
Groups = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(_as_names, json_schema_input_type=str | NonEmpty[str]),
    AfterValidator(_sorted_once),
]
Zone = Annotated[str, AfterValidator(_known_zone)]
Why = Annotated[str, AfterValidator(_plain_text), Field(min_length=1)]
