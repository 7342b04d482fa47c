"""Freshness promises: `config.meta.baton` in the YAML file beside a signal or guard."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from baton.cards.durations import duration_fault, seconds_of
from baton.cards.hints import name_hint
from baton.cards.parse import ParsedCard, Place, read_yaml
from baton.cards.places import KINDS
from baton.cards.problems import Found, Problem

KEYS = ("source", "fresh_within")
EXAMPLE = "{source: web.events, fresh_within: 2 hours}"

_IN_A_MODEL: Place = ("config", "meta", "baton")


@dataclass(frozen=True)
class Promise:
    """What a signal or guard says of its input: where from, and how old it may be.

    `source` is written as `<source>.<table>`; either is None where it is not said.
    """

    source: str | None = None
    fresh_within_s: int | None = None


@dataclass(frozen=True)
class _Written:
    """A `meta.baton` as it stands in the file, with the lines of its keys."""

    parsed: ParsedCard
    place: Place
    value: object

    @property
    def keys(self) -> Mapping[str, object]:
        return cast("dict[str, object]", self.value) if isinstance(self.value, dict) else {}

    def line_of(self, key: str) -> int:
        return self.parsed.line_of((*self.place, key))


def promise_of(dbt_project: Path, folder: Path, name: str) -> Promise:
    """Return what the signal or guard says; what is broken counts as not said."""
    written = _written(dbt_project / folder / f"{name}.yml", name)
    source, wait = (written.keys.get(key) if written else None for key in KEYS)
    fresh_within_s = None if duration_fault(wait) else seconds_of(wait)
    return Promise(source if isinstance(source, str) else None, fresh_within_s)


def promise_faults(dbt_project: Path, sources: Collection[str]) -> Iterator[Problem]:
    """Yield promises that cannot be kept: unreadable ones, and those of no known source."""
    for folder in KINDS.values():
        for path in sorted((dbt_project / folder).glob("*.yml")):
            written = _written(path, path.stem)
            file = (Path(dbt_project.name) / folder / path.name).as_posix()
            for fault in _faults(written, sources) if written else ():
                yield fault.in_file(file)


def _faults(written: _Written, sources: Collection[str]) -> Iterator[Found]:
    if not isinstance(written.value, dict):
        message = "`meta.baton` is no mapping"
        yield Found("promise_unreadable", written.line_of(""), message, f"write {EXAMPLE}")
        return
    for key in written.keys:
        if key not in KEYS:
            mend = name_hint(key, KEYS, f"write {EXAMPLE}")
            message = f"`{key}` is no part of a freshness promise"
            yield Found("promise_unknown_key", written.line_of(key), message, mend)
    yield from _duration_faults(written)
    yield from _source_faults(written, sources)


def _duration_faults(written: _Written) -> Iterator[Found]:
    if "fresh_within" in written.keys:
        fault = duration_fault(written.keys["fresh_within"])
        if fault:
            line = written.line_of("fresh_within")
            yield Found("promise_bad_duration", line, f"`fresh_within` {fault[1]}", fault[2])


def _source_faults(written: _Written, sources: Collection[str]) -> Iterator[Found]:
    source = written.keys.get("source")
    if source is None:
        line, mend = written.line_of("fresh_within"), f"name the table it reads, as in {EXAMPLE}"
        message = "the freshness promise does not say of which source"
        yield Found("promise_without_source", line, message, mend)
    elif source not in sources:
        mend = name_hint(str(source), sources, "declare it in its _<source>__sources.yml")
        message = f"no source is called `{source}`"
        yield Found("promise_unknown_source", written.line_of("source"), message, mend)


def _written(path: Path, model: str) -> _Written | None:
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    parsed = read_yaml(text) if "baton" in text else None
    models = parsed.values.get("models") if parsed else None
    for at, facts in enumerate(cast("list[object]", models) if isinstance(models, list) else ()):
        if parsed and isinstance(facts, dict) and facts.get("name") == model:
            value = _inside(facts, _IN_A_MODEL)
            if value is not None:
                return _Written(parsed, ("models", at, *_IN_A_MODEL), value)
    return None


def _inside(value: object, place: Place) -> object:
    for key in place:
        value = cast("dict[object, object]", value).get(key) if isinstance(value, dict) else None
    return value
