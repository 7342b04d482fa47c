"""What decides the text of a build beside the project's models: a hash of all of it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from baton.dbt_runner import DbtProject
from baton.project import Project

_MACRO = "{% macro m() %}{{ env_var('SHOP_OF_MACRO', '') }}{% endmacro %}"
_PROFILE = """
schema: "{{ env_var('SHOP_SCHEMA', 'main') }}"
path: "{{ env_var('BATON_WAREHOUSE') }}"
"""


@dataclass(frozen=True)
class Told:
    """A project as dbt has read it, and what it is read in."""

    macro: str = _MACRO
    profile: str = _PROFILE
    settings: str = "name: shop\n"
    source: str = '"shop"."raw"."events"'
    contract: str = "a"
    environment: dict[str, str] = field(default_factory=dict)

    def circumstances(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """The hash, from files in `folder`."""
        (folder / "dbt_project").mkdir(exist_ok=True)
        (folder / "profiles.yml").write_text(self.profile)
        (folder / "dbt_project" / "dbt_project.yml").write_text(self.settings)
        dbt = DbtProject(Project(folder, folder / "w", folder / "j", folder / "l"))
        model = SimpleNamespace(
            unique_id="model.m",
            raw_code="select 1",
            relation_name='"shop"."main"."m"',
            contract=SimpleNamespace(checksum=self.contract),
        )
        source = SimpleNamespace(unique_id="source.s", relation_name=self.source)
        manifest = SimpleNamespace(
            macros={"m": SimpleNamespace(macro_sql=self.macro)},
            nodes={"model.m": model},
            sources={"source.s": source},
        )
        monkeypatch.setattr(dbt, "_manifest", manifest)
        with monkeypatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return dbt.circumstances()


@pytest.mark.parametrize(
    "other",
    [
        {"environment": {"SHOP_OF_MACRO": "a"}},
        {"environment": {"SHOP_SCHEMA": "other"}},
        {"environment": {"DBT_FAIL_FAST": "1"}},
        {"profile": _PROFILE + "threads: 4\n"},
        {"settings": "name: shop\nquoting: {identifier: true}\n"},
        {"source": '"shop"."raw"."others"'},
        {"contract": "b"},
    ],
    ids=" and ".join,
)
def test_what_decides_the_text_makes_another_hash(tmp_path, monkeypatch, other):
    first = Told().circumstances(tmp_path, monkeypatch)
    assert replace(Told(), **other).circumstances(tmp_path, monkeypatch) != first


@pytest.mark.parametrize("name", ["SHOP_OF_NOBODY", "BATON_WAREHOUSE"])
def test_what_decides_nothing_makes_no_other(tmp_path, monkeypatch, name):
    first = Told().circumstances(tmp_path, monkeypatch)
    other = Told(environment={name: "b.duckdb"})
    assert other.circumstances(tmp_path, monkeypatch) == first


def test_another_version_of_the_engine_makes_another(tmp_path, monkeypatch):
    first = Told().circumstances(tmp_path, monkeypatch)
    monkeypatch.setattr("baton.dbt_runner.version", lambda _: "0.0.1")
    assert Told().circumstances(tmp_path, monkeypatch) != first
