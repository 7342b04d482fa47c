"""Source packs that `vars: packs` of the dbt project switches on: each must be there."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from baton.cards.hints import name_hint
from baton.cards.parse import ParsedCard, Place, read_yaml
from baton.cards.places import PACKS, PROJECT_FILE
from baton.cards.problems import Found, Problem

_PLACE: Place = ("vars", "packs")


def pack_faults(dbt_project: Path) -> Iterator[Problem]:
    """Yield packs that are switched on and not there, or a value that is no list of names."""
    path = dbt_project / PROJECT_FILE
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    parsed = read_yaml(text)
    folder = dbt_project / PACKS
    known = {one.name for one in folder.iterdir() if one.is_dir()} if folder.is_dir() else set()
    for fault in _faults(parsed, known) if parsed else ():
        yield fault.in_file((dbt_project.name / PROJECT_FILE).as_posix())


def _faults(parsed: ParsedCard, known: set[str]) -> Iterator[Found]:
    variables = parsed.values.get("vars")
    wanted = cast("dict[str, object]", variables).get("packs") if variables else None
    if wanted is not None and not isinstance(wanted, list):
        mend = "write a list of names, such as packs: [segment, hubspot]"
        yield Found("packs_no_list", parsed.line_of(_PLACE), "`packs` is not a list", mend)
        return
    for place, name in enumerate(cast("list[object]", wanted or [])):
        if name not in known:
            mend = name_hint(str(name), known, f"add the folder {PACKS.as_posix()}/{name}")
            line = parsed.line_of((*_PLACE, place))
            yield Found("unknown_pack", line, f"no source pack is called `{name}`", mend)
