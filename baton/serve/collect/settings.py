"""What the collector needs to know, from the environment."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from baton.cards.hints import name_hint
from baton.errors import UsageError
from baton.serve.collect.segments import sync_folder

KEYS, SOURCE = "BATON_WRITE_KEYS", "BATON_COLLECT_SOURCE"
_DEFAULT_SOURCE = "web.events"
_ENTRY = re.compile(r"(?P<name>[A-Za-z0-9_.-]+):(?P<key>[A-Za-z0-9_-]{8,})")


@dataclass(frozen=True)
class CollectSettings:
    """Write keys by key, with the name of who writes; the landing folder and table of events."""

    write_keys: Mapping[str, str]
    folder: Path
    table: str

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], landing: Path, sources: Collection[str]
    ) -> Self | None:
        """Settings from `BATON_WRITE_KEYS` and `BATON_COLLECT_SOURCE`, null without keys.

        Raises UsageError when one is malformed, none of the declared `sources` (as
        `<source>.<table>`) takes the events, or the landing folder does not exist.
        """
        keys = dict(_entry(one) for one in environ.get(KEYS, "").replace(",", " ").split())
        if not keys:
            return None
        named = environ.get(SOURCE, _DEFAULT_SOURCE)
        if named not in sources:
            raise UsageError(
                f"no source takes the events: {named} is not declared",
                where=SOURCE,
                mend=name_hint(
                    named, sources, f"name a source and its table, as {_DEFAULT_SOURCE}"
                ),
            )
        source, _, table = named.partition(".")
        return cls(keys, _folder(landing, source), table)


def _entry(text: str) -> tuple[str, str]:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise UsageError(
            "a write key is not written as name:key",
            where=KEYS,
            mend="separate entries by commas; keys are 8 or more letters, digits, _ or -",
        )
    return found["key"], found["name"]


def _folder(landing: Path, source: str) -> Path:
    if not landing.is_dir():
        raise UsageError(
            "the landing folder does not exist",
            where=str(landing.name),
            mend="create it, or name another in BATON_LANDING",
        )
    folder = landing / source
    folder.mkdir(exist_ok=True)
    sync_folder(landing)
    return folder
