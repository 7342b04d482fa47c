"""Variables of the dbt project: they decide what packs read and what events are called."""

import json
from pathlib import Path
from typing import cast

from baton.cards.parse import read_yaml
from baton.cards.places import PACKS, PROJECT_FILE
from baton.ids import make_id

_WHERE = ("schema", "database", "lateness")


def variables_checksum(dbt_project: Path) -> str:
    """Return the md5 of the variables in `dbt_project.yml`, "" where there are none.

    Where a pack's tables are, and how late they are, does not count: it differs by installation.
    """
    path, packs = dbt_project / PROJECT_FILE, dbt_project / PACKS
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    parsed = read_yaml(text)
    given = cast("dict[str, object]", parsed.values.get("vars") or {}) if parsed else {}
    names = [one.name for one in packs.iterdir()] if packs.is_dir() else []
    places = {f"{name}_{what}" for name in names for what in _WHERE}
    counted = {name: value for name, value in given.items() if name not in places}
    if not counted:
        return ""
    return make_id("variables", json.dumps(counted, sort_keys=True, default=str))
