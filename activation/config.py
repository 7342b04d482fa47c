"""The named destinations: their settings come from destinations.yml and the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activation.destinations import KINDS, Call, Calls, Purpose
from activation.destinations.file_drop import FileSettings
from activation.destinations.kind import Kind
from activation.destinations.receiver import Receiver
from activation.destinations.settings import Settings
from activation.exchange import Limit
from activation.health import CheckSettings
from baton.errors import UsageError
from baton.journal.erasure_calls import CALLS

DEFAULT_FILE = Path(__file__).with_name("destinations.yml")
LONGEST_SINCE_CHECK = 15  # minutes; decisions look ahead so far for quiet hours (quiet_now.sql)
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?P<default>:-[^}]*)?\}")


class Alerts(BaseModel):
    """Which destination tells our own people of broken promises, and at which address if it asks.

    `silent_after_minutes`: promises that nobody looked at for so long are an alert as well.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    destination: str
    to: str | None = Field(default=None, repr=False)
    silent_after_minutes: float | None = Field(default=None, gt=0)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    templates: str = "templates"
    checked_within_minutes: float = Field(default=LONGEST_SINCE_CHECK, gt=0)
    alerts: Alerts | None = None
    checks: CheckSettings = CheckSettings()
    destinations: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Destination:
    """One named destination with valid settings, and its calls under them."""

    name: str
    settings: Settings
    calls: Calls

    @property
    def account(self) -> str:
        """Whose limits its requests count against."""
        return self.settings.account or self.name

    def account_of(self, purpose: Purpose) -> str:
        """The same for one call: a tool may count some calls of an account by themselves."""
        bucket = self.call(purpose).facts.bucket
        return f"{self.account}/{bucket}" if bucket else self.account

    def limit(self, purpose: Purpose) -> Limit:
        """What it allows of a call."""
        return self.settings.limit.over(self.call(purpose).facts.limit)

    @property
    def takes_files(self) -> bool:
        """Whether it takes whole tables as files."""
        return isinstance(self.settings, FileSettings)

    def call(self, purpose: Purpose) -> Call:
        """How it is told such things. Raises UsageError when it cannot be."""
        if purpose not in self.calls:
            raise UsageError(
                f"{self.name} takes no {purpose}",
                where="destinations.yml",
                mend="name another destination"
                + (f": this one takes {', '.join(self.calls)}" if self.calls else ""),
            )
        return self.calls[purpose]


@dataclass(frozen=True)
class DestinationsConfig:
    """All named destinations; settings are resolved, and checked, when one is asked for."""

    templates: Path
    checked_within_minutes: float
    raw: Mapping[str, Mapping[str, Any]]
    environ: Mapping[str, str]
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    alerts: Alerts | None = None
    checks: CheckSettings = field(default_factory=CheckSettings)

    @classmethod
    def load(
        cls,
        file: Path | None = None,
        environ: Mapping[str, str] | None = None,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> Self:
        """Read a file, by default what `BATON_DESTINATIONS` names, else the one beside this module.

        Raises UsageError when the file is missing or its outline is wrong.
        """
        environ = os.environ if environ is None else environ
        file = file or Path(environ.get("BATON_DESTINATIONS") or DEFAULT_FILE)
        try:
            content = _File.model_validate(yaml.safe_load(file.read_text("utf-8")))
        except (OSError, yaml.YAMLError) as error:
            raise UsageError("cannot be read", where=str(file), mend="mend the file") from error
        except ValidationError as error:
            raise UsageError(_told(error), where=file.name, mend="mend the file") from error
        if content.checked_within_minutes > LONGEST_SINCE_CHECK:
            raise UsageError(
                f"a message could be sent {content.checked_within_minutes:g} minutes after its "
                "last check, in hours that are quiet by then",
                where=f"{file.name}, checked_within_minutes",
                mend=f"set it to {LONGEST_SINCE_CHECK} or less: decisions look ahead so far",
            )
        return cls(
            templates=file.parent / content.templates,
            checked_within_minutes=content.checked_within_minutes,
            raw=content.destinations,
            environ=dict(environ),
            kinds=kinds,
            alerts=content.alerts,
            checks=content.checks,
        )

    def require_alerts(self) -> Alerts:
        """Who hears of broken promises. Raises UsageError when the file does not say."""
        if self.alerts is None:
            raise UsageError(
                "it does not say who hears of broken promises",
                where="destinations.yml",
                mend="add `alerts: {destination: <one of the destinations>}`",
            )
        return self.alerts

    def names(self) -> list[str]:
        """The destinations that the file names."""
        return list(self.raw)

    def variables(self) -> frozenset[str]:
        """The names of environment variables that settings of any destination take."""
        return frozenset(found["name"] for found in _VARIABLE.finditer(str(self.raw)))

    def receiver(self, name: str) -> Receiver | None:
        """How a destination of the type that is named reports, null where it never does."""
        kind = self.kinds.get(str(self.raw[name].get("type")))
        return kind.receiver if kind else None

    def kind_of(self, name: str) -> Kind:
        """The kind of a destination; its settings are not looked at.

        Raises UsageError when the name or its type is unknown.
        """
        if name not in self.raw:
            known = ", ".join(self.raw)
            raise UsageError(
                f"messages go to {name!r}, which is no destination",
                where="destinations.yml",
                mend=f"add it, or name one of {known} in the action",
            )
        kind = self.kinds.get(str(self.raw[name].get("type")))
        if kind is None:
            where, known = f"destinations.yml, {name}", ", ".join(self.kinds)
            raise UsageError("no such type", where=where, mend=f"use one of {known}")
        return kind

    def destination(self, name: str, options: Mapping[str, Any] | None = None) -> Destination:
        """A destination with its settings; `options` of a sync stand before those of the file.

        `<name>/erasures` is the same tool, whose messages are calls that erase somebody. Raises
        UsageError when the name is unknown, a variable is not set, or a value is wrong.
        """
        if name.endswith(CALLS):
            return _erasing(self.destination(name.removesuffix(CALLS), options), name)
        kind = self.kind_of(name)
        where = f"destinations.yml, {name}"
        values = _resolve({**self.raw[name], **(options or {})}, self.environ, where)
        try:
            settings = kind.settings.model_validate(values)
        except ValidationError as error:
            raise UsageError(_told(error), where=where, mend="mend the value named") from None
        return Destination(name, settings, kind.calls(settings))

    def secrets(self, name: str, options: Mapping[str, Any] | None = None) -> frozenset[str]:
        """What the environment gives to the settings of a destination: not to be shown."""
        told = str({**self.raw[name], **(options or {})})
        values = {self.environ.get(found["name"], "") for found in _VARIABLE.finditer(told)}
        return frozenset(values - {""})


def _erasing(tool: Destination, name: str) -> Destination:
    settings = tool.settings.model_copy(update={"account": tool.account})
    return Destination(name, settings, {"messages": tool.call("erasures")})


def _resolve(value: Any, environ: Mapping[str, str], where: str) -> Any:
    if isinstance(value, dict):
        given = {str(key): item for key, item in value.items()}
        pairs = {key: _resolve(item, environ, where) for key, item in given.items()}
        return {k: item for k, item in pairs.items() if item is not None or given[k] is None}
    if isinstance(value, list):
        return [_resolve(item, environ, where) for item in value]
    if isinstance(value, str) and _VARIABLE.search(value):
        return _VARIABLE.sub(lambda found: _variable(found, environ, where), value) or None
    return value


def _variable(found: re.Match[str], environ: Mapping[str, str], where: str) -> str:
    name, default = found["name"], found["default"]
    value = environ.get(name, "")
    if value:
        return value
    if default is not None:
        return default.removeprefix(":-")
    raise UsageError(
        f"the environment variable {name} is not set",
        where=where,
        mend=f"set {name} in the environment of the sender",
    )


def _told(error: ValidationError) -> str:
    problems = [(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors()]
    return "; ".join(f"{at}: {told}" if at else told for at, told in problems)
