"""What is wrong with the syncs of a project, each with its file, line and mend."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from activation.config import DestinationsConfig
from activation.syncs.columns import Column, family_of, fits
from activation.syncs.declared import (
    RECORDS,
    Declared,
    Exposure,
    Sync,
    SyncPurpose,
    keys_of,
    sync_of,
    targets_of,
)
from baton.cards.problems import Problem
from baton.errors import UsageError
from baton.journal.rules import RetryClass

_ADDING = frozenset(get_args(SyncPurpose)) - {"suppressions"}
_ONCE: dict[SyncPurpose, frozenset[RetryClass]] = {
    "contexts": frozenset({"U"}),
    "actions": frozenset({"U", "N"}),
}


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
            syncs.append(sync_of(one, declared))
        problems += found
    return syncs, problems


def perhaps_suppressed(wrong: Iterable[Exposure], config: DestinationsConfig) -> frozenset[str]:
    """The destinations that exposures declared wrongly may have wanted to suppress at.

    One that names no known destination may have meant any.
    """
    found: set[str] = set()
    for one in wrong:
        words: Any = one.words if isinstance(one.words, dict) else {}
        if words.get("purpose") in _ADDING:
            continue
        name = words.get("destination")
        found |= {name} if isinstance(name, str) and name in config.raw else set(config.names())
    return frozenset(found)


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
    yield from _record_faults(one, words)
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
    ids = [("key", name) for name in keys_of(words)]
    for place, name in [*ids, *([("person", words.person)] if words.person else [])]:
        column = one.columns.get(name)
        if column is not None and column.family != "text":
            yield _problem(
                one,
                f"{place}: column {name!r} is {column.data_type}, a {place} is text",
                "cast it to varchar in the model",
            )


def _mapping_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for column, target in targets_of(words).items():
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
    for name in keys_of(words):
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


def _record_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    """Of contexts and actions: no message, so no consent, but nothing of whom is suppressed."""
    if words.purpose not in RECORDS:
        if words.person is not None:
            yield _problem(one, f"person: {words.purpose} have none", "leave it out")
        return
    if words.person is None:
        yield _problem(
            one, f"{words.purpose} of nobody", "add person: <the column with the person's id>"
        )
    if words.consent is not None:
        yield _problem(
            one,
            f"consent: {words.purpose} are no messages",
            "leave it out; sync an audience to contact people",
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
    elif words.purpose in _ONCE and not destination.takes_files:
        retry_class = destination.call(words.purpose).facts.retry_class
        if retry_class not in _ONCE[words.purpose]:
            yield _problem(
                one,
                f"destination: {words.destination} takes {words.purpose} with retry_class"
                f" {retry_class}: after a lost answer one would stand there twice or lack a change",
                "let it find records by item_id (an upsert, or look_up and if_found), and say U",
            )


def _named_columns(words: Declared) -> Iterator[tuple[str, str]]:
    yield from (("key", name) for name in keys_of(words))
    yield from (("mapping", name) for name in words.mapping)
    if words.consent:
        yield "consent.address", words.consent.address
        if words.consent.channel_column:
            yield "consent.channel_column", words.consent.channel_column
    if words.person:
        yield "person", words.person
    if words.since:
        yield "since", words.since


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
