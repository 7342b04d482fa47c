"""Delivery: many rows beside dlt, and single messages at a steady pace.

`python -m benchmarks.delivery [--rows N] [--messages N] [--per-second N] [--small] [--json FILE]
[--keep DIR]` first tells a tool a table of so many rows (`benchmarks/delivery_bulk.py`), then sends
single messages (`benchmarks/delivery_singles.py`), each to a receiver in a process of its own. Ends
with one JSON object: the figures of both by their names, `lost` and `duplicates` summed and
`peak_mb` the higher one of both; all other facts stand in `bulk` and `single`.
"""

import json
import tempfile
from pathlib import Path

import click

from benchmarks import delivery_bulk, delivery_singles
from benchmarks.delivery_singles import Facts

_OF_BULK = (
    "bulk_rows_per_s",
    "dlt_jsonl_rows_per_s",
    "dlt_parquet_rows_per_s",
    "ratio_jsonl",
    "ratio_parquet",
)
_OF_SINGLE = ("single_per_s", "p95_s")
_SMALL = 10


def joined(bulk: Facts, single: Facts) -> Facts:
    """The figures of both, and all that is behind them."""
    return {
        **{name: bulk[name] for name in _OF_BULK},
        **{name: single[name] for name in _OF_SINGLE},
        "peak_mb": max(bulk["peak_mb"], single["peak_mb"]),
        "lost": bulk["lost"] + single["lost"],
        "duplicates": bulk["duplicates"] + single["duplicates"],
        "bulk": bulk,
        "single": single,
    }


@click.command()
@click.option("--rows", default=100_000, help="Rows of the table.")
@click.option("--messages", default=15_000, help="Single messages to send.")
@click.option("--per-second", default=500, help="How many are handed over in a second.")
@click.option("--optouts-per-second", default=5.0, help="How many people opt out in a second.")
@click.option("--small", is_flag=True, help="A tenth of rows and messages.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(
    *,
    rows: int,
    messages: int,
    per_second: int,
    optouts_per_second: float,
    small: bool,
    json_file: Path | None,
    keep: Path | None,
) -> None:
    """Measure delivery."""
    part = _SMALL if small else 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        bulk = delivery_bulk.run(rows // part, folder / "bulk")
        single = delivery_singles.measure(
            folder / "single",
            messages=messages // part,
            per_second=per_second,
            optouts_per_second=optouts_per_second,
        )
    text = json.dumps(joined(bulk, single), indent=2, default=str)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
