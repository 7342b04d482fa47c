"""Read the recorded files, as `derive` wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

RECORDED = Path(__file__).parent / "recorded"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """The recorded rows in file order (by time), one mapping per row."""

    orders: tuple[Record, ...]
    campaign_contacts: tuple[Record, ...]
    coupon_redemptions: tuple[Record, ...]

    @property
    def households(self) -> tuple[str, ...]:
        """The households that ordered, sorted."""
        return tuple(sorted({row["household_id"] for row in self.orders}))


def read_recorded(folder: Path = RECORDED) -> Recorded:
    """Read the three recorded files."""
    return Recorded(
        orders=_read(folder / "orders.parquet"),
        campaign_contacts=_read(folder / "campaign_contacts.parquet"),
        coupon_redemptions=_read(folder / "coupon_redemptions.parquet"),
    )


def _read(path: Path) -> tuple[Record, ...]:
    return tuple(pq.ParquetFile(path).read().drop_columns(["_provenance"]).to_pylist())
