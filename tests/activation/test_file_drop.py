import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from activation.destinations.file_drop import drop
from baton.errors import UsageError

ROWS = {"person_id": ["p2", "p1"], "email": ["b@mail.example", None]}


@pytest.fixture
def rows():
    return pa.table(ROWS)


def test_a_drop_is_a_csv_and_a_parquet_of_the_same_rows_in_key_order(tmp_path, rows):
    csv, parquet = drop(rows, tmp_path / "out", "audience", "person_id")
    assert [file.name for file in (csv, parquet)] == ["audience.csv", "audience.parquet"]
    assert pa.csv.read_csv(csv)["person_id"].to_pylist() == ["p1", "p2"]
    assert pa.parquet.read_table(parquet).to_pylist() == [
        {"person_id": "p1", "email": None},
        {"person_id": "p2", "email": "b@mail.example"},
    ]


def test_the_same_rows_in_another_order_and_chunking_are_no_change(tmp_path, rows):
    drop(rows, tmp_path, "audience", "person_id")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    other = pa.concat_tables([rows.slice(1), rows.slice(0, 1)])
    assert drop(other, tmp_path, "audience", "person_id") == []
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_a_file_that_was_lost_or_damaged_is_written_again(tmp_path, rows):
    csv, parquet = drop(rows, tmp_path, "audience", "person_id")
    parquet.unlink()
    csv.write_text("half a fi")
    assert drop(rows, tmp_path, "audience", "person_id") == [csv, parquet]


def test_no_part_file_stays_and_the_old_file_is_replaced_whole(tmp_path, rows):
    drop(rows, tmp_path, "audience", "person_id")
    with (tmp_path / "audience.csv").open() as reader:
        drop(rows.slice(1), tmp_path, "audience", "person_id")
        assert len(reader.read().splitlines()) == 3
    assert len((tmp_path / "audience.csv").read_text().splitlines()) == 2
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".csv", ".parquet"]


def test_a_drop_is_recorded_once_per_content(tmp_path, rows, journal):
    for table in (rows, rows, rows.slice(1)):
        drop(table, tmp_path, "audience", "person_id", journal=journal)
    content = journal.keyed_hash((tmp_path / "audience.csv").read_bytes())
    assert journal.record_drop("audience", content, row_count=1) is False
    with journal._store.read() as connection:
        recorded = connection.exec_driver_sql("select name, row_count from drops order by seq")
        assert recorded.all() == [("audience", 2), ("audience", 1)]


@pytest.mark.parametrize(
    ("name", "key", "told"),
    [
        ("../audience", "person_id", "not a file name"),
        (".hidden", "person_id", "not a file name"),
        ("audience", "customer", "no column"),
        ("audience", "kind", "not unique"),
    ],
)
def test_a_path_a_missing_column_and_a_key_that_is_not_unique_are_refused(
    tmp_path, rows, name, key, told
):
    same = rows.append_column("kind", pa.array(["x", "x"]))
    with pytest.raises(UsageError, match=told):
        drop(same, tmp_path, name, key)
    assert list(tmp_path.iterdir()) == []
