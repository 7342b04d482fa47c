"""dbt in this process: the project parsed once, a build inside the caller's transaction."""

import contextlib
import hashlib
import os
import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from baton.at_hand import View
from baton.cards.places import PROJECT_FILE
from baton.cards.variables import variables_checksum
from baton.errors import BatonError, UsageError
from baton.ids import make_id
from baton.project import Project
from baton.warehouse import no_room

if TYPE_CHECKING:  # dbt takes a second to import, and many commands never ask it
    from dbt.contracts.graph.manifest import Manifest

    from baton.dbt_connection import Observer

_QUIET = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
_SPEAKS = ("dbt-core", "dbt-common", "dbt-adapters", "dbt-duckdb", "duckdb", "jinja2")
_READS_ENVIRONMENT = re.compile(r"""env_var\(\s*['"](\w+)""")
_WAREHOUSE = "BATON_WAREHOUSE"
"""Read by the profile; which file it is decides nothing but its name."""
_UNFIT = "Binder Error"
_OLDER = "; where the warehouse is of an earlier version, `baton run --full-refresh` builds it anew"
_HOT = ["--no-write-json", "--no-populate-cache"]


@dataclass(frozen=True)
class NodeTiming:
    """One built model and how long it took, in seconds."""

    name: str
    seconds: float


class DbtProject:
    """The parsed dbt project of `project`; parsing happens once, when first needed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._manifest: Manifest | None = None
        self._checksum: str | None = None
        self.sql_seconds = 0.0
        """Wall time that the engine spent on the statements of the last build."""

    @property
    def manifest(self) -> "Manifest":
        """The parsed project. Raises `UsageError` with dbt's words when it does not parse."""
        if self._manifest is None:
            from dbt.cli.main import dbtRunner  # noqa: PLC0415
            from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415

            with self._environment():
                result = dbtRunner().invoke(["parse", *self._folders(), *_QUIET])
            if not result.success or not isinstance(result.result, Manifest):
                raise UsageError(
                    f"the dbt project does not parse: {result.exception}",
                    where="dbt_project",
                    mend="mend the file that the message names; `dbt parse` shows it again",
                )
            self._manifest = result.result
        return self._manifest

    @cached_property
    def source_nodes(self) -> list[dict[str, Any]]:
        """The declared sources, as dbt writes them into its manifest."""
        return [source.to_dict(omit_none=False) for source in self.manifest.sources.values()]

    @cached_property
    def switched_off_sources(self) -> list[dict[str, Any]]:
        """The same of sources that are switched off: their tables may be there from before."""
        return [
            node.to_dict(omit_none=False)
            for nodes in self.manifest.disabled.values()
            for node in nodes
            if node.resource_type == "source"
        ]

    def checksum(self) -> str:
        """Return a hash of every model and macro and of the variables: changes when SQL changes."""
        self._checksum = self._checksum or self._hashed()
        return self._checksum

    def _hashed(self) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        for unique_id, node in sorted(self.manifest.nodes.items()):
            digest.update(
                f"{unique_id}{node.checksum.checksum}{sorted(node.config.to_dict().items())!r}".encode()
            )
        for unique_id, macro in sorted(self.manifest.macros.items()):
            digest.update(f"{unique_id}{macro.macro_sql}".encode())
        digest.update(variables_checksum(self._project.dbt_project).encode())
        return digest.hexdigest()

    def circumstances(self) -> str:
        """Return a hash of what else decides the text of a build, as it is now: versions of dbt and
        the engine, names of tables, the project's settings and profile, and the environment where
        any text reads it.
        """
        project, manifest = self._project, self.manifest
        files = (project.dbt_project / PROJECT_FILE, project.root / "profiles.yml")
        settings = [one.read_text(encoding="utf-8") for one in files if one.is_file()]
        spoken = [one.macro_sql for one in manifest.macros.values()]
        spoken += [getattr(one, "raw_code", "") for one in manifest.nodes.values()]
        read = {name for text in (*spoken, *settings) for name in _READS_ENVIRONMENT.findall(text)}
        read |= {name for name in os.environ if name.startswith("DBT_")}
        named = (*manifest.nodes.values(), *manifest.sources.values())
        return make_id(
            "circumstances",
            *(f"{one} {version(one)}" for one in _SPEAKS),
            *settings,
            *(f"{name} {os.environ.get(name)}" for name in sorted(read - {_WAREHOUSE})),
            *sorted(f"{one.unique_id} {getattr(one, 'relation_name', '')}" for one in named),
            *sorted(f"{one.unique_id} {_contract_of(one)}" for one in manifest.nodes.values()),
        )

    @cached_property
    def views(self) -> list[View]:
        """The views among the models, each behind those it reads."""
        nodes = {**self.manifest.nodes, **self.manifest.sources}
        placed: dict[str, View] = {}

        def place(unique_id: str) -> None:
            node: Any = nodes[unique_id]
            if unique_id in placed or node.config.get("materialized") != "view":
                return
            reads = tuple(dict.fromkeys(node.depends_on.nodes))
            for one in reads:
                place(one)
            names = (_full_name(nodes[one]) for one in reads)
            placed[unique_id] = View(_full_name(node), tuple(names))

        for unique_id in self.manifest.nodes:
            place(unique_id)
        return [*placed.values()]

    def texts(self, con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, str]:
        """Return what the models with these full names select, as dbt would say it on `con`.

        Nothing where dbt cannot say it.
        """
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        from baton.dbt_connection import shared  # noqa: PLC0415

        nodes = self.manifest.nodes.values()
        wanted = [n for n in nodes if n.resource_type == "model" and _full_name(n) in names]
        if not wanted:
            return {}
        arguments = ["compile", *self._folders(), *_QUIET, *_HOT, "--threads", "1"]
        arguments += ["--indirect-selection", "empty"]  # no tests
        with self._environment(), shared(con, None):
            result = dbtRunner(manifest=self.manifest).invoke(
                [*arguments, "--select", *(one.name for one in wanted)]
            )
        results: Any = result.result if result.success else ()
        return {_full_name(one.node): str(one.node.compiled_code) for one in results}

    def relation(self, name: str) -> str:
        """Return `schema.table` of the model `name`. Raises `UsageError` for an unknown one."""
        found = self.find_relation(name)
        if found is None:
            raise UsageError(f"no model named {name}", where="dbt_project", mend="check the name")
        return found

    def find_relation(self, name: str) -> str | None:
        """Return the same, null for a model that is not there or is switched off."""
        return _relation_of(name, self.manifest.nodes.values())

    def find_switched_off(self, name: str) -> str | None:
        """Return the same for a model that is switched off: its table may be there from before."""
        return _relation_of(name, chain.from_iterable(self.manifest.disabled.values()))

    def not_repeatable(self, models: Iterable[str]) -> str | None:
        """Why statements alone would not do what dbt does for these models, null when they do."""
        wanted = set(models)
        if any(node.resource_type == "operation" for node in self.manifest.nodes.values()):
            return "the project has hooks of a run"
        for node in self.manifest.nodes.values():
            if node.resource_type != "model" or node.name not in wanted:
                continue
            if node.language != "sql":
                return f"{node.name} is written in {node.language}"
            if node.config.pre_hook or node.config.post_hook:
                return f"{node.name} has hooks"
        return None

    def build(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        select: Sequence[str],
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
        observe: "Observer | None" = None,
    ) -> list[NodeTiming]:
        """Run the selected models but the excluded ones, on `con`, in the transaction it is in.

        dbt's own BEGIN and COMMIT do nothing here: the batch is committed by the caller or not
        at all. `observe` is told each statement. Raises `BatonError` naming the model that failed
        and the engine's message.
        """
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        from baton.dbt_connection import shared  # noqa: PLC0415

        arguments = ["run", *self._folders(), *_QUIET, *_HOT, "--threads", "1"]
        arguments += ["--full-refresh"] if full_refresh else []
        arguments += ["--select", *select] if select else []
        arguments += ["--exclude", *exclude] if exclude else []
        with (
            self._environment(),
            _unordered(con) if full_refresh else contextlib.nullcontext(),
            shared(con, observe) as environment,
        ):
            result = dbtRunner(manifest=self.manifest).invoke(arguments)
        self.sql_seconds = environment.seconds
        if isinstance(result.exception, KeyboardInterrupt):
            raise result.exception
        if not result.success:
            raise _failure(result, self._project.warehouse)
        results: Any = result.result
        return [NodeTiming(one.node.name, one.execution_time) for one in results]

    def _folders(self) -> list[str]:
        project = self._project
        return ["--project-dir", str(project.dbt_project), "--profiles-dir", str(project.root)]

    @contextlib.contextmanager
    def _environment(self) -> Generator[None]:
        """Tell dbt the name of the warehouse alone.

        Builds use the caller's connection; what was read for one file holds for all of that name,
        while dbt would read the whole project again for another path.
        """
        before = os.environ.get(_WAREHOUSE)
        os.environ[_WAREHOUSE] = self._project.warehouse.name
        try:
            yield
        finally:
            if before is None:
                del os.environ[_WAREHOUSE]
            else:
                os.environ[_WAREHOUSE] = before


@contextlib.contextmanager
def _unordered(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Let whole tables be written as their rows come, in two thirds of the time.

    What a model orders by stays ordered.
    """
    con.execute("set preserve_insertion_order = false")
    try:
        yield
    finally:
        with contextlib.suppress(duckdb.TransactionException):  # aborted, and the failure is told
            con.execute("reset preserve_insertion_order")


def _relation_of(name: str, nodes: Iterable[Any]) -> str | None:
    for node in nodes:
        if node.name == name and node.resource_type == "model":
            return f'"{node.schema}"."{node.alias}"'
    return None


def _contract_of(node: Any) -> str:
    """A hash of the columns and constraints that a model promises, "" where it promises none."""
    contract = getattr(node, "contract", None)
    return str(contract.checksum) if contract is not None else ""


def _full_name(node: Any) -> str:
    return f"{node.schema}.{getattr(node, 'identifier', None) or node.alias}"


def _failure(result: Any, warehouse: Path) -> BatonError:
    if result.exception is not None or result.result is None:
        return BatonError(
            f"dbt failed: {result.exception}", where="dbt_project", mend="see the message"
        )
    failed = next(one for one in result.result if str(one.status) in {"error", "fail"})
    said = str(failed.message)
    older = _OLDER if _UNFIT in said else ""
    return no_room(said, warehouse) or BatonError(
        f"the model {failed.node.name} failed: {said}",
        where=failed.node.original_file_path,
        mend=f"the batch was rolled back and nothing is lost; mend the model and run again{older}",
    )
