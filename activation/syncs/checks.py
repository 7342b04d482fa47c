"""What is wrong with the syncs of a project, each with its file, line and mend."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from activation.config import DestinationsConfig
from activation.syncs.columns import Column
from activation.syncs.declared import Declared, Exposure, Sync, SyncPurpose, sync_of
from activation.syncs.faults import faults_of, problem
from baton.cards.problems import Problem

_ADDING = frozenset(get_args(SyncPurpose)) - {"suppressions"}


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
            found += [*faults_of(one, declared, config)]
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
        return problem(one, f"unknown key {place!r}", f"use one of {known}")
    return problem(one, f"{place}: {message}", "correct the value; see docs/reference/syncs.md")


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
