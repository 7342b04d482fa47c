"""The definitions as Dagster loads them, and a small shop that jobs can run on."""

import shutil
from collections.abc import Iterator

import dagster as dg
import pytest
from corner_shop import CornerShop
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from dagster_defs.definitions import defs
from dagster_defs.project import ROOT


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    """All definitions of the working tree, with the settings that the project ships."""
    home = tmp_path_factory.mktemp("dagster_home")
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        patch.setattr("dagster_defs.definitions.ask_for_later_processes", lambda: False)
        yield defs()


@pytest.fixture(scope="session")
def assets(definitions: dg.Definitions) -> AssetGraph:
    """The graph of all assets and checks."""
    return definitions.resolve_asset_graph()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CornerShop]:
    """A shop with stores of its own, its rules live, nothing taken in yet."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CornerShop.UNSET:
            patch.delenv(name, raising=False)
        yield CornerShop.opened(tmp_path_factory.mktemp("corner_shop"))
