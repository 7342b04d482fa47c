"""However the same records are cut up, ordered and repeated, the same rows stand in the end."""

import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_yard import NOON, ORDERS, Yard

_SETTINGS = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_EVENTS = st.lists(st.integers(0, 12), max_size=14)
_VERSIONS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=14, unique_by=lambda one: one
)
_CUTS = st.lists(st.integers(0, 14), max_size=4)


def event(number: int) -> dict[str, object]:
    return {
        "event_id": f"e{number}",
        "event": "x",
        "properties": {"n": number, "of": ["a", None]},
        "occurred_at": (NOON - timedelta(minutes=number)).isoformat(),
    }


def version(number: int, minute: int) -> dict[str, object]:
    return {
        "case_id": f"k{number}",
        "status": f"s{minute % 3}",
        "updated_at": (NOON + timedelta(minutes=minute)).isoformat(),
    }


def slices(rows: Sequence[dict[str, object]], cuts: Sequence[int]) -> list[list[dict[str, object]]]:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    return [list(rows[a:b]) for a, b in itertools.pairwise(edges)]


def counts_add_up(yard: Yard) -> bool:
    return yard.one(
        """select coalesce(bool_and(rows_read =
            rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined), true)
        and coalesce(sum(rows_loaded + rows_deleted), 0) = (select max(to_seq) from raw.windows)
        and coalesce(sum(rows_quarantined), 0) = (select count(*) from raw.quarantine)
        from raw.deliveries"""
    )


@dataclass(frozen=True)
class Deliveries:
    """How a list of records is delivered: where it is cut, what is broken, how it is taken in."""

    cuts: list[int]
    broken: set[int]
    limit: int | None
    windows: int


_DELIVERIES = st.builds(
    Deliveries,
    cuts=_CUTS,
    broken=st.sets(st.integers(0, 13), max_size=3),
    limit=st.none() | st.integers(1, 6),
    windows=st.integers(1, 3),
)


@_SETTINGS
@given(numbers=_EVENTS, how=_DELIVERIES, chance=st.randoms(use_true_random=False))
def test_events_stand_once_however_they_are_delivered(
    numbers: list[int], how: Deliveries, chance: Random
) -> None:
    parts = slices([event(number) for number in numbers], how.cuts)
    parts += chance.sample(parts, k=min(2, len(parts)))
    chance.shuffle(parts)
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder))
        for place, part in enumerate(parts):
            lines = [json.dumps(dict(chance.sample(list(row.items()), len(row)))) for row in part]
            if place in how.broken:
                lines.insert(chance.randint(0, len(lines)), "{broken")
            if lines:
                yard.text(f"web/events_{place}.jsonl", "".join(line + "\n" for line in lines))
            if place % how.windows == 0:
                yard.take(limit=how.limit)
        while yard.take(limit=how.limit).own:
            pass
        stored = yard.ask("select event_id, properties::varchar from raw.web_events order by 1")
        assert [name for name, _ in stored] == sorted({f"e{number}" for number in numbers})
        assert all(json.loads(text)["n"] == int(name[1:]) for name, text in stored)
        assert counts_add_up(yard)
        yard.con.close()


@_SETTINGS
@given(
    rows=_VERSIONS, cuts=_CUTS, chance=st.randoms(use_true_random=False), as_parquet=st.booleans(),
    windows=st.integers(1, 3),
)  # fmt: skip
def test_the_latest_version_of_a_case_stands_however_it_is_delivered(
    rows: list[tuple[int, int]], cuts: list[int], chance: Random, as_parquet: bool, windows: int
) -> None:
    parts = [part for part in slices([version(*row) for row in rows], cuts) if part]
    parts += chance.sample(parts, k=min(2, len(parts)))
    chance.shuffle(parts)
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder))
        for place, part in enumerate(parts):
            if as_parquet:
                yard.parquet(f"service/cases_{place}.parquet", part)
            else:
                yard.jsonl(f"service/cases_{place}.jsonl", part)
            if place % windows == 0:
                yard.take()
        yard.take()
        current = yard.ask(
            "select case_id, arg_max(status, (updated_at, _loaded_seq)) from raw.service_cases "
            "group by 1 order by 1"
        )
        expected = {number: minute % 3 for number, minute in sorted(rows)}
        assert current == [(f"k{number}", f"s{one}") for number, one in sorted(expected.items())]
        assert counts_add_up(yard)
        yard.con.close()


@_SETTINGS
@given(
    exports=st.lists(st.dictionaries(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=6),
    windows=st.integers(1, 3),
    chance=st.randoms(use_true_random=False),
)
def test_the_last_export_is_what_stands(
    exports: list[dict[int, int]], windows: int, chance: Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder))
        expected: dict[int, int] = {}
        for place, export in enumerate(exports):
            expected = export or expected
            rows = chance.sample(list(export.items()), len(export))
            lines = "".join(f"c{number},{mail}@x\n" for number, mail in rows)
            yard.text(f"crm/contacts_{place}.csv", "contact_id,email\n" + lines)
            if place % windows == 0:
                yard.take()
        yard.take()
        current = yard.ask(
            "select contact_id, arg_max(email, _loaded_seq) from raw.crm_contacts group by 1 "
            "having not arg_max(_deleted, _loaded_seq) order by 1"
        )
        assert current == [(f"c{number}", f"{mail}@x") for number, mail in sorted(expected.items())]
        assert counts_add_up(yard)
        yard.con.close()


@_SETTINGS
@given(
    cells=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8),
            st.none() | st.booleans(),
        ),
        max_size=8,
    ),
    noise=st.lists(st.sampled_from(["x", '"', "a,b,c,d", '"a"b,c', "", " ", '"a,"']), max_size=3),
    chance=st.randoms(use_true_random=False),
)
def test_sound_csv_rows_survive_broken_ones_around_them(
    cells: list[tuple[str, bool | None]], noise: list[str], chance: Random
) -> None:
    flags = {None: "", True: "true", False: "false"}
    lines = [
        f'c{number},"{text.replace(chr(34), chr(34) * 2)}",{flags[flag]}'
        for number, (text, flag) in enumerate(cells)
        if "\n" not in text
    ]
    for one in noise:
        lines.insert(chance.randint(0, len(lines)), one)
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder))
        yard.text(
            "crm/contacts.csv", "".join(f"{one}\n" for one in ["contact_id,email,stopped", *lines])
        )
        yard.take()
        stored = yard.ask("select contact_id, email, stopped from raw.crm_contacts order by _line")
        assert stored == [
            (f"c{number}", text or None, flag)
            for number, (text, flag) in enumerate(cells)
            if "\n" not in text
        ]
        assert counts_add_up(yard)
        yard.con.close()


@_SETTINGS
@given(numbers=st.lists(st.integers(0, 30), max_size=20), group=st.integers(1, 7))
def test_the_format_of_a_delivery_makes_no_difference(numbers: list[int], group: int) -> None:
    orders = [
        {"order_id": f"o{n}", "items": n, "amount": n / 4, "ordered_at": NOON - timedelta(hours=n)}
        for n in numbers
    ]
    texts = [{**one, "ordered_at": f"{one['ordered_at']}Z"} for one in orders]
    cells = [",".join(str(value) for value in one.values()) for one in texts]
    formats = ("jsonl", "csv", "parquet")
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(
            Path(folder),
            [replace(ORDERS, table=one, relation=f"raw.shop_{one}") for one in formats],
        )
        yard.jsonl("shop/jsonl.jsonl", texts)
        yard.text("shop/csv.csv", "\n".join(["order_id,items,amount,ordered_at", *cells, ""]))
        if orders:
            table = pa.Table.from_pylist(orders)
            pq.write_table(table, yard.landing / "shop/parquet.parquet", row_group_size=group)
        yard.take()
        stored = [
            yard.ask(
                "select order_id, items, amount, ordered_at, "
                f"_loaded_seq - min(_loaded_seq) over () from raw.shop_{one} order by _loaded_seq"
            )
            for one in formats
        ]
        assert stored[0] == stored[1] == stored[2]
        assert counts_add_up(yard)
        yard.con.close()
