"""The hand-written lists that join signals and guards must name every file of theirs."""

from collections.abc import Iterator
from pathlib import Path

from baton.cards.hints import name_hint
from baton.cards.places import GUARDS, SIGNALS
from baton.cards.problems import Found, Problem
from baton.cards.vocabulary import Vocabulary, read_hand_list


def union_faults(dbt_project: Path, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Yield lists that are missing, name what is not there, or leave out what is."""
    for folder, files in ((SIGNALS, vocabulary.signals), (GUARDS, vocabulary.guards)):
        path = Path(dbt_project.name) / folder.with_suffix(".sql")
        for fault in _list_faults(dbt_project, folder, files):
            yield fault.in_file(path.as_posix())


def _list_faults(dbt_project: Path, folder: Path, files: frozenset[str]) -> Iterator[Found]:
    listed, kind = read_hand_list(dbt_project, folder), folder.name
    if listed.names is None:
        if files:
            mend = f"write {{{{ union_{kind}(['{min(files)}', …]) }}}} with plain names"
            yield Found("list_missing", listed.line, f"no readable list of {kind}", mend)
        return
    for name in sorted(files - set(listed.names)):
        mend = f"add '{name}' to union_{kind}, or delete {folder}/{name}.sql"
        yield Found("list_incomplete", listed.line, f"`{name}` is not in the list of {kind}", mend)
    for name in sorted(set(listed.names) - files):
        mend = name_hint(name, files, f"add {folder}/{name}.sql, or take it out")
        yield Found("list_unknown", listed.line, f"`{name}` is listed, but has no file", mend)
