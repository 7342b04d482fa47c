"""Rules over the parsed dbt project. Each returns what breaks it, one line per breach."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt.contracts.graph.manifest import Manifest

STAGES = (
    "staging",
    "identity",
    "profiles",
    "consent",
    "journeys",
    "decisions",
    "activation",
    "metrics",
    "ops",
)
PERSONAL_NAMES = frozenset(
    {"first_name", "last_name", "email", "phone", "address", "address_line", "node_value"}
)
MAY_STORE_PERSONAL = frozenset(
    {
        "observations",
        "nodes",
        "contact_points",
        "int_profiles__customers",
        "int_profiles__customer_fields",
        "int_profiles__field_values",
        "decision_inputs",
    }
)
_BESIDE = frozenset({"identity_map", "contact_points", "int_consent__signs"})
_THIS = re.compile(r"\{\{\s*this\s*\}\}(?:\s+as\s+(?P<alias>\w+))?")
_WHOLE = re.compile(r"select\s+\*\s+from\s+$")
_SELECTED = re.compile(r"\(\s*select\s+(?P<columns>[^()]*(?:\([^()]*\)[^()]*)*)\s+from\s+$")


@dataclass(frozen=True)
class Model:
    """What the rules need to know of a model."""

    name: str
    stage: str
    schema: str = ""
    path: str = ""
    patch_path: str | None = None
    materialized: str = "view"
    strategy: str | None = None
    unique_key: object = None
    full_refresh: bool | None = None
    tags: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_stored(self) -> bool:
        return self.materialized in {"table", "incremental"}


def models_of(manifest: Manifest) -> list[Model]:
    """Return the project's models; `reads` holds names of models and `source:<name>`."""
    nodes = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    return [_model(node, manifest) for node in nodes]


def sql_of(manifest: Manifest) -> dict[str, str]:
    """Return the text of each model and macro of the project."""
    mine = "baton"
    found = {
        node.name: node.raw_code
        for node in manifest.nodes.values()
        if node.resource_type == "model"
    }
    macros = (macro for macro in manifest.macros.values() if macro.package_name == mine)
    return found | {f"macro {macro.name}": macro.macro_sql for macro in macros}


def unaliased_this(texts: Mapping[str, str]) -> list[str]:
    """`{{ this }}` without an alias, or with one that the selected columns do not use."""
    return [
        f"{name}: {breach}" for name, text in texts.items() for breach in _breaches_of_this(text)
    ]


def ledgers_that_could_be_rewritten(models: Sequence[Model]) -> list[str]:
    """Appended tables with a unique key, or that a full refresh would drop.

    An appended table that follows from its input and may be dropped says so with tag `rebuilt`.
    """
    appended = [model for model in models if model.strategy == "append"]
    ledgers = [model for model in appended if "rebuilt" not in model.tags]
    keyed = [f"{m.name}: an appended table with a unique_key" for m in ledgers if m.unique_key]
    dropped = [
        f"{m.name}: appended, but without full_refresh: false"
        for m in ledgers
        if m.full_refresh is not False
    ]
    return keyed + dropped


def incremental_without_key(models: Sequence[Model]) -> list[str]:
    """Incremental models that neither append nor have a unique key."""
    return [
        f"{model.name}: incremental with neither unique_key nor append"
        for model in models
        if model.materialized == "incremental"
        and model.strategy != "append"
        and not model.unique_key
    ]


def without_own_yml(models: Sequence[Model]) -> list[str]:
    """Models not described by a file of their name beside them. A card describes itself."""
    return [
        f"{model.name}: no {model.name}.yml beside it"
        for model in models
        if "card" not in model.tags and not _has_own_yml(model)
    ]


def read_out_of_order(models: Sequence[Model]) -> list[str]:
    """Models that read a later stage, or data that staging has not shaped."""
    stage_of = {model.name: model.stage for model in models}
    return [
        breach
        for model in models
        for read in model.reads
        if (breach := _order(model, read, stage_of))
    ]


def loaded_once(manifest: Manifest) -> dict[str, set[str]]:
    """The staging models that macro loaded_once names, each with the modes of all it reads."""
    text = manifest.macros["macro.baton.loaded_once"].macro_sql
    return {
        name: set(_modes(f"model.baton.{name}", manifest))
        for name in re.findall(r"'(stg_\w+)'", text)
    }


def noes_come_from(models: Sequence[Model]) -> set[str]:
    """The sources that tell the journal of a no, but for what a no is only looked at with."""
    reads = {model.name: model.reads for model in models}
    found: set[str] = set()
    ways = ["int_activation__address_blocks"]
    while ways:
        for read in reads[ways.pop()]:
            if read.startswith("source:"):
                found.add(read.removeprefix("source:"))
            elif read not in _BESIDE:
                ways.append(read)
    return found


def personal_where_it_may_not_stand(models: Sequence[Model]) -> list[str]:
    """Stored models with personal columns that `definitions.md` does not name."""
    return [
        f"{model.name}.{column}: personal, in a table that may hold none"
        for model in models
        if model.is_stored and model.name not in MAY_STORE_PERSONAL
        for column, tags in model.columns.items()
        if "personal" in tags or column in PERSONAL_NAMES
    ]


def personal_without_tag(models: Sequence[Model]) -> list[str]:
    """Declared columns with a personal name that are not tagged `personal`."""
    return [
        f"{model.name}.{column}: without the tag personal"
        for model in models
        for column, tags in model.columns.items()
        if column in PERSONAL_NAMES and "personal" not in tags
    ]


def _model(node: Any, manifest: Manifest) -> Model:
    reads = [_read(unique_id, manifest) for unique_id in node.depends_on.nodes]
    columns = {
        column.name: frozenset({*column.tags, *column.config.tags})
        for column in node.columns.values()
    }
    return Model(
        name=node.name,
        stage=node.original_file_path.split("/")[1],
        schema=node.schema,
        path=node.original_file_path,
        patch_path=node.patch_path,
        materialized=node.config.materialized,
        strategy=node.config.incremental_strategy,
        unique_key=node.config.unique_key,
        full_refresh=node.config.full_refresh,
        tags=frozenset(node.tags),
        reads=tuple(reads),
        columns=columns,
    )


def _modes(unique_id: str, manifest: Manifest) -> Iterator[str]:
    source = manifest.sources.get(unique_id)
    if source is not None:
        meta: Any = source.config.meta
        yield meta["baton"]["mode"]
        return
    for read in manifest.nodes[unique_id].depends_on.nodes:
        yield from _modes(read, manifest)


def _read(unique_id: str, manifest: Manifest) -> str:
    source = manifest.sources.get(unique_id)
    return f"source:{source.source_name}" if source else manifest.nodes[unique_id].name


def _breaches_of_this(text: str) -> Iterator[str]:
    for found in _THIS.finditer(text):
        before, alias = text[: found.start()], found["alias"]
        selected = _SELECTED.search(before)
        if alias is None and not _WHOLE.search(before):
            yield "{{ this }} without an alias"
        elif alias and selected and f"{alias}." not in selected["columns"]:
            yield f"a column of {{{{ this }}}} without its alias {alias}: {selected['columns']}"


def _has_own_yml(model: Model) -> bool:
    beside = model.path.removesuffix(".sql") + ".yml"
    return model.patch_path is not None and model.patch_path.endswith(f"://{beside}")


def _order(model: Model, read: str, stage_of: Mapping[str, str]) -> str | None:
    if read.startswith("source:"):
        is_data = read not in {"source:control"}
        is_early = model.stage == "staging" or not is_data
        return None if is_early else f"{model.name} ({model.stage}) reads {read} past staging"
    stage = stage_of.get(read)
    if stage is None or STAGES.index(stage) <= STAGES.index(model.stage):
        return None
    return f"{model.name} ({model.stage}) reads {read} of the later stage {stage}"
