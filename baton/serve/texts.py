"""Texts of the pages, one file per locale, checked when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from baton.errors import UsageError

SHIPPED = Path(__file__).with_name("texts")
DEFAULT = "en"


class Purpose(BaseModel):
    """How a purpose is called, and what it covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str
    covers: str


class Text(BaseModel):
    """All texts of one locale. `version` stands on record with what people say under it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    title: str
    intro: str
    own_address: str
    other_address: str
    no_record: str
    unless_refused: str
    unknown: str
    suppressed: str
    only_off: str
    save: str
    everything_title: str
    everything_covers: str
    everything: str
    when: str
    saved_title: str
    saved_at: str
    nothing_changed: str
    all_purposes: str
    allowed: str
    forbidden: str
    allowed_from: str
    forbidden_from: str
    back: str
    one_click_done: str
    not_found: str
    not_understood: str
    too_old: str
    busy: str
    failed: str
    channels: Mapping[str, str]
    brands: Mapping[str, str]
    purposes: Mapping[str, Purpose]


@dataclass(frozen=True)
class Texts:
    """The texts by locale."""

    by_locale: Mapping[str, Text]

    @classmethod
    def load(cls, directory: Path | None = None) -> Self:
        """Read `<locale>.yml` of a directory, by default the one that is shipped.

        Raises UsageError when a file cannot be read or lacks a text, or English is missing.
        """
        directory = directory or SHIPPED
        found = {file.stem: _read(file) for file in sorted(directory.glob("*.yml"))}
        if DEFAULT not in found:
            raise UsageError(
                f"the texts of the pages have no {DEFAULT}.yml",
                where=str(directory),
                mend="copy the texts that are shipped and change them there",
            )
        return cls(found)

    def choose(self, accepted: str) -> tuple[str, Text]:
        """Locale and texts for an `Accept-Language` header: the most wanted that there is."""
        for wanted in _wanted(accepted):
            for locale in (wanted, wanted.split("-", maxsplit=1)[0]):
                if locale in self.by_locale:
                    return locale, self.by_locale[locale]
        return DEFAULT, self.by_locale[DEFAULT]


def _read(file: Path) -> Text:
    try:
        return Text.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError("cannot be read", where=str(file), mend="mend the file") from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(told, where=str(file), mend=f"see {SHIPPED / 'en.yml'}") from error


def _wanted(accepted: str) -> list[str]:
    """Language tags of an `Accept-Language` header (RFC 9110, 12.5.4), most wanted first."""
    weighed = [_weighed(one) for one in accepted.split(",")[:20]]
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight and tag]


def _weighed(one: str) -> tuple[float, str]:
    tag, _, rest = one.strip().partition(";")
    try:
        return float(rest.strip().removeprefix("q=") or 1), tag.strip().lower()
    except ValueError:
        return 0.0, tag
