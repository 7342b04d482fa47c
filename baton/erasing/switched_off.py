"""Sources that are switched off: what they brought is there still."""

from collections.abc import Sequence

from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.intake import Source, sources_from_manifest


def all_sources(dbt: DbtProject, sources: Sequence[Source]) -> list[Source]:
    """These sources, and those that are switched off, as far as their declaration can be read."""
    return [*sources, *_switched_off(dbt, sources)[0]]


def unreadable(dbt: DbtProject, sources: Sequence[Source]) -> list[str]:
    """The raw tables of those that are switched off and whose declaration cannot be read."""
    return _switched_off(dbt, sources)[1]


def _switched_off(dbt: DbtProject, sources: Sequence[Source]) -> tuple[list[Source], list[str]]:
    known = {one.relation for one in sources}
    found: dict[str, Source] = {}
    wrong: set[str] = set()
    for node in dbt.switched_off_sources:
        try:
            found |= {one.relation: one for one in sources_from_manifest([node])}
        except UsageError:
            default = f"{node['source_name']}_{node['name']}"
            wrong.add(f"raw.{node.get('identifier') or default}")
    off = [one for name, one in found.items() if name not in known]
    return off, sorted(wrong - known - found.keys())
