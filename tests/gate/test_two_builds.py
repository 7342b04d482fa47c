"""dbt and SQLMesh build one project over the same rows, twice, and leave the same rows behind."""

from pathlib import Path

import pytest
from store_run import GO_LIVE, StoreRun
from two_builds import Difference, TwoBuilds


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_first_load_and_what_is_added_leave_the_same_rows(tmp_path: Path) -> None:
    run = StoreRun.fresh(tmp_path / "shop", tmp_path / "data")
    run.activate(GO_LIVE)
    two = TwoBuilds(run, tmp_path / "sqlmesh")
    run.land("history")
    two.take_in(GO_LIVE)
    two.build_by_dbt()
    two.build_by_sqlmesh()
    assert two.differences() == []
    run.land("01", "02", "03", "04", "05")
    two.take_in(run.closes[4])
    two.build_by_dbt()
    two.build_by_sqlmesh()
    assert two.differences() == []
    two.lose_a_row("decisions", "decisions")
    assert Difference("decisions", only_dbt=1, only_sqlmesh=0) in two.differences()
