"""The shape of a card: its keys, their types and defaults."""

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from baton.cards.durations import DURATION_PATTERN, duration_fault, seconds_of

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
PURPOSES = ("marketing", "sales", "service", "transactional")
ANY = "any"
FALLBACK = "fallback"
RESERVED = frozenset({ANY, "enter", "expired", "withdrawn", "runaway"})
_T = TypeVar("_T")


def _as_seconds(written: object) -> int:
    fault = duration_fault(written)
    if fault:
        code, message, mend = fault
        raise PydanticCustomError(code, "{message}", {"message": message, "mend": mend})  # pyright: ignore[reportArgumentType]
    return seconds_of(written) or 0


def _as_names(written: object) -> object:
    return (written,) if isinstance(written, str) else _as_tuple(written)


def _as_tuple(written: object) -> object:
    if written == []:
        facts = {"message": "is an empty list", "mend": "name at least one, or take the key out"}
        raise PydanticCustomError("empty_value", "{message}", facts)
    return tuple(written) if isinstance(written, list) else written  # pyright: ignore[reportUnknownVariableType]


def _sorted_once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _plain_text(written: str) -> str:
    text = " ".join(written.split())
    if not text:
        facts = {"message": "has no value", "mend": "say in a few words why this happens"}
        raise PydanticCustomError("empty_value", "{message}", facts)
    if re.search(r"[\\\x00-\x1f\x7f]", text):
        mend = "write it without: warehouses read a backslash differently"
        facts = {"message": "holds a backslash or a control character", "mend": mend}
        raise PydanticCustomError("bad_character", "{message}", facts)
    return text


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
Why = Annotated[str, AfterValidator(_plain_text), Field(min_length=1)]


def _key(description: str, **facts: Any) -> Any:
    return Field(description=description, **facts)


class Part(BaseModel):
    """Unknown keys are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Step(Part):
    """One transition of a card. `from_` is None for an entry; names are sorted, each once."""

    to: Name = _key("the step that is entered")
    from_: Names | None = _key(
        "the step or steps it leaves; absent = entry; any = any open step",
        default=None,
        alias="from",
    )
    when: Name | None = _key("the signal that causes it", default=None)
    after: Duration | None = _key("how long after the step was entered", default=None)
    do: Name | None = _key("the action, or the word fallback", default=None)
    if_: Names | None = _key("guards that must hold", default=None, alias="if")
    unless: Names | None = _key("guards that must not hold", default=None)
    kind: Literal["step", "goal", "exit"] = _key("goal and exit end the journey", default="step")
    why: Why = _key("the reason, as the customer's history shows it")
    id: Name | None = _key("explicit transition id, kept through renames", default=None)


class Card(Part):
    """One journey. Durations are seconds."""

    journey: Name = _key("the name, the same as the file's")
    owner: str = _key("the dbt group that answers for it", min_length=1)
    purpose: Literal["marketing", "sales", "service", "transactional"] = _key(
        "the consent it needs"
    )
    brand: Name = _key("the brand it speaks for", default="main")
    key: Name | None = _key("one instance per person and this correlation key", default=None)
    reentry: Literal["never", "after_exit", "always"] = _key(
        "whether a person and key may enter again", default="never"
    )
    cooldown: Duration | None = _key("the wait before entering again", default=None)
    horizon: Duration = _key("how long an instance may live")
    grace: Duration = _key(
        "how long after the horizon late records still count",
        default="7 days",
        validate_default=True,
    )
    max_steps: int = _key("a runaway guard", default=50, ge=1, le=1000)
    require_fresh: bool = _key("wait while an input is stale", default=False)
    steps: Annotated[
        tuple[Step, ...],
        BeforeValidator(_as_tuple, json_schema_input_type=NonEmpty[Step]),
    ] = _key("the transitions")
