"""What SQLMesh would build otherwise than dbt, or not load. Each returns breaches, one a line.

`unaliased_this` and `ledgers_that_could_be_rewritten` of `manifest_rules` belong to these too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dbt.contracts.graph.manifest import Manifest

_STRATEGIES = frozenset({"append", "delete+insert", "merge"})
_LACKING = {
    r"\blocal_md5\s*\(": "local_md5: use SQL's md5()",
    r"\brun_query\s*\(": "run_query: SQLMesh renders without the tables; write it as SQL",
    r"\bstatement\s*\(": "statement: SQLMesh renders without the tables; write it as SQL",
}
_SOURCE = re.compile(r"\bsource\(\s*'(\w+)'\s*,\s*'(\w+)'\s*\)")
_PREDICATES = re.compile(r"incremental_predicates\s*=\s*(?P<value>\(?[^\n]*\n?[^\n]*)")


def texts_it_cannot_render(texts: Mapping[str, str]) -> list[str]:
    """Models and macros that call what SQLMesh's Jinja lacks, or cannot answer while it loads."""
    return [
        f"{name}: {mend}"
        for name, text in texts.items()
        for lacking, mend in _LACKING.items()
        if re.search(lacking, text)
    ]


def predicates_it_cannot_parse(texts: Mapping[str, str]) -> list[str]:
    """`incremental_predicates` without `var('under_sqlmesh', false)`: made for dbt's own SQL."""
    return [
        f"{name}: incremental_predicates without var('under_sqlmesh', false)"
        for name, text in texts.items()
        for found in _PREDICATES.finditer(text)
        if "under_sqlmesh" not in found["value"]
    ]


def nodes_it_takes_otherwise(manifest: Manifest) -> list[str]:
    """Hooks, models in Python, strategies that SQLMesh does not know."""
    return [breach for node in _models(manifest) for breach in _of_node(node)]


def keys_not_tested(manifest: Manifest) -> list[str]:
    """Keys of incremental models without a `unique` test: SQLMesh merges, and keeps one row."""
    tested = {
        (test.attached_node, test.column_name)
        for test in manifest.nodes.values()
        if getattr(test, "test_metadata", None) is not None and test.test_metadata.name == "unique"
    }
    return [
        f"{node.name}.{key}: the unique_key has no test `unique`"
        for node in _models(manifest)
        if node.config.materialized == "incremental"
        for key in _listed(node.config.unique_key)
        if (node.unique_id, key) not in tested
    ]


def sources_it_cannot_find(manifest: Manifest) -> list[str]:
    """Sources named only in a branch that dbt does not take while it parses.

    dbt finds them when it builds; SQLMesh knows those of the manifest and reads "none".
    """
    return [
        f"{node.name}: add -- depends_on: {{{{ source('{schema}', '{table}') }}}}"
        for node in _models(manifest)
        for schema, table in sorted(set(_SOURCE.findall(_with_macros(manifest, node.raw_code))))
        if [schema, table] not in node.sources
    ]


def _with_macros(manifest: Manifest, code: str) -> str:
    """The code, and that of the project's macros that it calls, or they call."""
    macros = {macro.name: macro.macro_sql for macro in manifest.macros.values()}
    texts, known = [code], set[str]()
    for text in texts:
        called = {name for name in re.findall(r"\b(\w+)\(", text) if name in macros} - known
        known |= called
        texts += [macros[name] for name in sorted(called)]
    return "\n".join(texts)


def _models(manifest: Manifest) -> Iterator[Any]:
    return (node for node in manifest.nodes.values() if node.resource_type == "model")


def _of_node(node: Any) -> Iterator[str]:
    if node.language != "sql":
        yield f"{node.name}: a model in {node.language} keeps the project from loading"
    if node.config.pre_hook or node.config.post_hook:
        yield f"{node.name}: hooks also run in SQLMesh's environments"
    strategy = node.config.incremental_strategy
    if node.config.materialized == "incremental" and strategy not in _STRATEGIES:
        yield f"{node.name}: SQLMesh does not know the strategy {strategy}"


def _listed(key: object) -> Iterable[str]:
    if isinstance(key, str):
        return [key]
    return [str(one) for one in key] if isinstance(key, list) else []
