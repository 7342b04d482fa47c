"""Tables of loaders have the columns that were needed so far, and no others."""

import random

import pytest
from loaded_rows import NEEDED, TABLES
from pack_yard import PackYard

VIEWS = (
    "stg_observations",
    "stg_field_values",
    "stg_web__events",
    "stg_service__cases",
    "stg_messaging__receipts",
    "stg_chat__messages",
    "stg_hubspot__flags",
    "stg_salesforce__flags",
    "stg_intercom__flags",
    "stg_hubspot__merges",
    "stg_salesforce__merges",
)


def look_at_everything(yard: PackYard) -> int:
    """Read every column of every row; return how many rows there are."""
    return sum(yard.one(f"select count(hash(v)) from staging.{name} as v") for name in VIEWS)


def without_some(yard: PackYard, chance: random.Random, share: float) -> int:
    """Let every table lack about so much of its columns; return how many were left out."""
    left_out = 0
    for table, rows in TABLES.items():
        needed = NEEDED[table.split(".")[0]]
        names = sorted({name for row in rows for name in row} - needed)
        gone = {name for name in names if chance.random() < share}
        yard.put(table, rows, without=gone)
        left_out += len(gone)
    return left_out


def test_the_columns_by_which_rows_are_known_are_enough(yard: PackYard) -> None:
    assert without_some(yard, random.Random(0), share=1.0) > 100  # noqa: S311
    window = yard.take()
    assert window.counts.rows_quarantined == 0
    assert {one.state for one in window.own} == {"loaded"}
    assert look_at_everything(yard) > 0


def test_a_table_without_its_cursor_is_said_to_lack_it(yard: PackYard) -> None:
    yard.put("zendesk.user", [{"id": 1, "email": "a@example.com"}])
    [delivery] = yard.take().own
    assert (delivery.state, delivery.reason) == (
        "waiting",
        "the table has no column _fivetran_synced",
    )


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(12))
def test_any_columns_may_be_missing(yard: PackYard, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    without_some(yard, chance, share=chance.choice([0.1, 0.3, 0.6]))
    window = yard.take()
    assert window.counts.rows_quarantined == 0
    assert look_at_everything(yard) > 0
