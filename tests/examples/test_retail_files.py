"""What the generator writes: deterministic, declared, with provenance, and nobody real in it."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from retail_example import Example

from baton.errors import UsageError
from examples.retail.derive import RECORDED
from examples.retail.generate import GO_LIVE, generate, main
from examples.retail.recorded import read_recorded
from examples.retail.tables import TABLES

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"
TIME_OF = {
    "shop.orders": "ordered_at",
    "shop.campaign_contacts": "start_date",
    "shop.coupon_redemptions": "redeemed_on",
    "crm.contacts": "updated_at",
    "service.cases": "updated_at",
    "consent.statements": "stated_at",
}
PYTHON_TYPE = {"varchar": str, "bigint": int, "double": float, "json": dict}


def test_the_same_seed_writes_the_same_bytes(example: Example, tmp_path: Path) -> None:
    generate(tmp_path)
    assert _bytes(tmp_path) == _bytes(example.path)


def test_another_seed_writes_other_persons_over_the_same_orders(
    example: Example, tmp_path: Path
) -> None:
    other = Example(tmp_path, generate(tmp_path, seed=7))
    assert other.key["persons"] != example.key["persons"]
    assert _baskets(other) == _baskets(example)


def test_a_second_run_leaves_nothing_of_the_first(example: Example, tmp_path: Path) -> None:
    generate(tmp_path, hours=12, every_minutes=60)
    generate(tmp_path)
    assert _bytes(tmp_path).keys() == _bytes(example.path).keys()


def test_a_folder_with_a_history_of_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError):
        generate(tmp_path)
    assert (tmp_path / "history" / "mine.txt").read_text() == "mine"


def test_a_live_part_too_short_is_refused_with_exit_code_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--out", str(tmp_path), "--hours", "0"])
    assert result.exit_code == 2
    assert "mend" in result.output


@pytest.mark.parametrize(("hours", "every_minutes"), [(1, 30), (2, 15), (12, 60)])
def test_shorter_and_longer_live_parts_hold_every_planned_quote(
    hours: int, every_minutes: int, tmp_path: Path
) -> None:
    example = Example(tmp_path, generate(tmp_path, hours=hours, every_minutes=every_minutes))
    started = {
        record.values["properties"]["quote_id"]
        for record in example.of("web.events")
        if record.values["event"] == "quote_started"
    }
    assert set(example.key["quotes"]) <= started


def test_the_history_has_between_20_and_40_thousand_rows(example: Example) -> None:
    assert 20_000 <= example.summary.history_rows <= 40_000


def test_the_summary_counts_what_the_files_hold(example: Example) -> None:
    counted: dict[str, dict[str, int]] = {table: {} for table in TABLES}
    for record in example.landed:
        shares, provenance = counted[record.table], record.values["_provenance"]
        shares[provenance] = shares.get(provenance, 0) + 1
    counted["web.events"]["generated"] += 1  # the line of bad JSON
    assert counted == example.summary.rows


def test_the_readme_states_the_rows_of_each_table_and_provenance(example: Example) -> None:
    lines = (RECORDED.parent / "README.md").read_text().splitlines()
    for table, shares in example.summary.rows.items():
        (line,) = (line for line in lines if line.startswith(f"| `{table}`"))
        counts = [cell.strip() for cell in line.split("|")[3:6]]
        kinds = ("recorded", "grafted", "generated")
        assert counts == [f"{shares[kind]:,}" if kind in shares else "" for kind in kinds]


def test_the_files_have_the_declared_columns_in_order(example: Example) -> None:
    for record in example.landed:
        columns = (*TABLES[record.table].columns, "_provenance")
        assert set(record.values) == set(columns)
        if TABLES[record.table].extension != "jsonl":
            assert tuple(record.values) == columns


def test_the_tables_are_those_the_staging_models_declare() -> None:
    declared = _declared_sources()
    if not declared:
        pytest.skip("the dbt sources are not declared yet")
    for name, table in TABLES.items():
        columns, meta = declared[name]
        assert columns.items() >= table.columns.items()
        key = meta["key"] if isinstance(meta["key"], list) else [meta["key"]]
        assert tuple(key) == table.key


def test_every_value_has_its_declared_type_unless_it_is_broken_on_purpose(
    example: Example,
) -> None:
    broken = {m["key"] for m in example.key["mishaps"] if m["kind"] == "unparseable_time"}
    for record in example.landed:
        table = TABLES[record.table]
        if record.values[table.key[0]] not in broken:
            wrong = {
                name: record.values[name]
                for name, kind in table.columns.items()
                if not _is_of(record.values[name], kind)
            }
            assert not wrong, (record.table, wrong)


def test_an_order_is_grafted_exactly_where_it_names_the_member(example: Example) -> None:
    orders = [record.values for record in example.of("shop.orders")]
    assert all((o["contact_id"] is not None) == (o["_provenance"] == "grafted") for o in orders)
    share = sum(o["contact_id"] is not None for o in orders) / len(orders)
    assert share == pytest.approx(0.6, abs=0.02)


def test_the_recorded_columns_of_an_order_are_untouched(example: Example) -> None:
    recorded = {row["basket_id"]: row for row in read_recorded(RECORDED).orders}
    for record in example.of("shop.orders"):
        order = record.values
        assert {name: order[name] for name in recorded[order["basket_id"]]} == recorded[
            order["basket_id"]
        ]


def test_only_the_shop_has_recorded_rows_and_everything_about_persons_is_generated(
    example: Example,
) -> None:
    for table, shares in example.summary.rows.items():
        if not table.startswith("shop."):
            assert set(shares) == {"generated"}


def test_history_is_what_happened_before_go_live(example: Example) -> None:
    for record in example.landed:
        if record.slice_number == 0:
            assert _occurred_at(record.table, record.values) < GO_LIVE


def test_nothing_arrives_before_it_happened_but_the_one_from_the_future(example: Example) -> None:
    closes_at = {int(s["name"]): datetime.fromisoformat(s["closes_at"]) for s in example.slices}
    broken = {m["key"] for m in example.key["mishaps"]}
    for record in example.landed:
        key = record.values[TABLES[record.table].key[0]]
        if record.slice_number and key not in broken:
            assert _occurred_at(record.table, record.values) < closes_at[record.slice_number]


def test_six_hours_are_cut_into_twelve_slices(example: Example) -> None:
    assert [s["name"] for s in example.slices] == [f"{n:02d}" for n in range(1, 13)]
    assert example.slices[0]["closes_at"] == "2017-12-29T12:30:00"
    assert example.slices[-1]["closes_at"] == "2017-12-29T18:00:00"


def test_every_email_address_is_at_a_domain_reserved_for_examples(example: Example) -> None:
    text = _all_text(example)
    found = set(re.findall(r"[\w.+-]+@([\w.-]+)", text))
    assert {domain.lower() for domain in found} == {"example.com", "example.net", "example.org"}


def test_every_phone_number_is_in_the_range_reserved_for_fiction(example: Example) -> None:
    phones = {
        record.values[c] for record in example.landed for c in ("phone",) if c in record.values
    }
    phones |= {
        record.values["address"]
        for record in example.of("messaging.receipts")
        if record.values["channel"] == "sms"
    }
    digits = {re.sub(r"\D", "", phone) for phone in phones if phone}
    assert digits
    assert all(re.fullmatch(r"1?\d{3}55501\d\d", number) for number in digits)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _baskets(example: Example) -> set[str]:
    return {record.values["basket_id"] for record in example.of("shop.orders")}


def _declared_sources() -> dict[str, tuple[dict[str, str], dict[str, Any]]]:
    declared: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
    for path in STAGING.glob("*/_*__sources.yml"):
        for source in yaml.safe_load(path.read_text())["sources"]:
            for table in source["tables"]:
                columns = {c["name"]: c["data_type"] for c in table["columns"]}
                meta = table.get("config", {}).get("meta", {}).get("baton", {})
                declared[f"{source['name']}.{table['name']}"] = (columns, meta)
    return declared


def _is_of(value: object, kind: str) -> bool:
    if value is None or value == "":
        return True
    if kind == "timestamp":
        return isinstance(value, datetime) or _is_time(str(value))
    if kind == "date":
        return isinstance(value, date) or re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) is not None
    if kind == "boolean":
        return value in {True, False, "true", "false"}
    return isinstance(value, PYTHON_TYPE[kind])


def _is_time(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text) is not None


def _occurred_at(table: str, values: dict[str, Any]) -> datetime:
    value = values[TIME_OF.get(table, "occurred_at")]
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())


def _all_text(example: Example) -> str:
    return "\n".join(str(list(record.values.values())) for record in example.landed)
