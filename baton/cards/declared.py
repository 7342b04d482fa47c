"""What the YAML files of a dbt project declare: groups, sources, the group of a model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def declared_groups(models: Path) -> Iterator[str]:
    """Yield the names of the dbt groups."""
    for document in _documents(models, "groups:"):
        yield from (str(group.get("name")) for group in _mappings(document.get("groups")))


def declared_sources(models: Path) -> Iterator[str]:
    """Yield the tables of the sources as `<source>.<table>`."""
    for document in _documents(models, "sources:"):
        for source in _mappings(document.get("sources")):
            for table in _mappings(source.get("tables")):
                yield f"{source.get('name')}.{table.get('name')}"


def declared_group(path: Path, model: str) -> str | None:
    """Return the `config.group` that a YAML file gives a model, None where it gives none."""
    if path.is_file():
        for facts in _mappings(_load(text_of(path)).get("models")):
            if facts.get("name") == model:
                config: object = facts.get("config")
                return (
                    cast("dict[str, Any]", config).get("group")
                    if isinstance(config, dict)
                    else None
                )
    return None


def text_of(path: Path) -> str:
    """Return the text of a file; what is not UTF-8 in it is replaced."""
    return path.read_text(encoding="utf-8", errors="replace")


def _documents(folder: Path, mark: str) -> Iterator[dict[str, Any]]:
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        text = text_of(path)
        if mark in text:
            yield _load(text)


def _load(text: str) -> dict[str, Any]:
    try:
        document: object = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
