import importlib.util
import io

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from activation import DestinationsConfig
from activation.destinations.file_drop import drop
from activation.destinations.file_folders import LocalFolder, StoreFolder, open_folder
from baton.errors import CheckFailed, UsageError

ROWS = {"person_id": ["p2", "p1"], "email": ["b@mail.example", None]}


@pytest.fixture
def rows():
    return pa.table(ROWS)


@pytest.fixture(params=["local", "memory"])
def folder(request, tmp_path):
    """A folder of this machine, and one in a store."""
    at = tmp_path / "out"
    return open_folder(str(at) if request.param == "local" else f"memory:/{at}", {})


def csv_of(folder, name="audience"):
    return folder.read(f"{name}.csv").decode().splitlines()


def test_a_drop_is_a_csv_and_a_parquet_of_the_same_rows_in_key_order(folder, rows):
    assert drop(rows, folder, "audience", "person_id") == ["audience.csv", "audience.parquet"]
    csv = pa.csv.read_csv(io.BytesIO(folder.read("audience.csv")))
    assert csv["person_id"].to_pylist() == ["p1", "p2"]
    assert pa.parquet.read_table(io.BytesIO(folder.read("audience.parquet"))).to_pylist() == [
        {"person_id": "p1", "email": None},
        {"person_id": "p2", "email": "b@mail.example"},
    ]


def test_the_same_rows_in_another_order_and_chunking_are_no_change(tmp_path, rows):
    folder = LocalFolder(tmp_path)
    drop(rows, folder, "audience", "person_id")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    other = pa.concat_tables([rows.slice(1), rows.slice(0, 1)])
    assert drop(other, folder, "audience", "person_id") == []
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_a_file_that_was_lost_or_damaged_is_written_again(tmp_path, rows):
    folder = LocalFolder(tmp_path)
    names = drop(rows, folder, "audience", "person_id")
    (tmp_path / "audience.parquet").unlink()
    (tmp_path / "audience.csv").write_text("half a fi")
    assert drop(rows, folder, "audience", "person_id") == names


def test_the_old_file_is_replaced_whole_and_nothing_is_appended(folder, rows):
    drop(rows, folder, "audience", "person_id")
    drop(rows.slice(1), folder, "audience", "person_id")
    assert csv_of(folder) == ['"person_id","email"', '"p1",']


def test_who_reads_the_old_file_reads_it_to_its_end_and_no_part_file_stays(tmp_path, rows):
    drop(rows, LocalFolder(tmp_path), "audience", "person_id")
    with (tmp_path / "audience.csv").open() as reader:
        drop(rows.slice(1), LocalFolder(tmp_path), "audience", "person_id")
        assert len(reader.read().splitlines()) == 3
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".csv", ".parquet"]


def test_a_drop_is_recorded_once_per_content(folder, rows, journal):
    for table in (rows, rows, rows.slice(1)):
        drop(table, folder, "audience", "person_id", journal=journal)
    content = journal.keyed_hash(folder.read("audience.csv"))
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
        drop(same, LocalFolder(tmp_path), name, key)
    assert list(tmp_path.iterdir()) == []


class Store(MemoryFileSystem):
    """A store in memory that loses the end of what it gets, and gives ETags of its own."""

    cachable = False
    etag = None
    loses = 0
    reads = 0

    def pipe_file(self, path, value, mode="overwrite", **more):
        super().pipe_file(path, value[: len(value) - self.loses], mode, **more)

    def info(self, path, **more):
        tag = {} if self.etag is None else {"ETag": self.etag}
        return super().info(path, **more) | tag

    def cat_file(self, path, start=None, end=None, **more):
        self.reads += 1
        return super().cat_file(path, start, end, **more)


def test_a_store_that_does_not_hold_what_was_written_is_told_of(tmp_path, rows):
    store = Store()
    store.loses = 1
    with pytest.raises(CheckFailed, match="does not hold what was written") as told:
        drop(rows, StoreFolder(store, str(tmp_path)), "audience", "person_id")
    assert (told.value.where, "run the sync again" in told.value.mend) == ("audience.csv", True)
    store.loses = 0
    assert len(drop(rows, StoreFolder(store, str(tmp_path)), "audience", "person_id")) == 2


@pytest.mark.parametrize(
    ("etag", "reads"),
    [('"0cc175b9c0f1b6a831c399e269772661"', 0), ('"0cc175b9c0f1b6a831c399e269772661-1"', 1)],
)
def test_an_md5_as_etag_spares_reading_and_any_other_proves_nothing(tmp_path, etag, reads):
    store = Store()
    store.etag = etag  # the MD5 of "a"
    folder = StoreFolder(store, str(tmp_path))
    assert folder.write("audience.csv", b"a") is True
    assert (store.reads, folder.write("audience.csv", b"a")) == (reads, False)


def test_where_a_store_shows_files_while_they_grow_they_come_by_another_name(tmp_path, rows):
    store, seen = Store(), []
    put, move = store.pipe_file, store.mv
    store.pipe_file = lambda path, value: (seen.append(("put", path)), put(path, value))
    store.mv = lambda old, new: (seen.append(("move", new)), move(old, new))
    drop(rows, StoreFolder(store, str(tmp_path), renames=True), "audience", "person_id")
    at = f"{tmp_path}/audience"
    assert seen == [
        ("put", f"{at}.csv.part"),
        ("move", f"{at}.csv"),
        ("put", f"{at}.parquet.part"),
        ("move", f"{at}.parquet"),
    ]
    assert not store.exists(f"{at}.csv.part")


@pytest.mark.parametrize(
    ("directory", "told"),
    [
        ("nowhere://drops", "nowhere:// is no store that fsspec knows"),
        ("sftp://drop:planted-secret@files.example/in", "belongs into storage_options"),
        pytest.param(
            "gs://drops",
            "gs:// has no driver here: Please install gcsfs",
            marks=pytest.mark.skipif(
                importlib.util.find_spec("gcsfs") is not None, reason="gcsfs is installed"
            ),
        ),
    ],
)
def test_a_store_that_cannot_be_opened_is_told_with_its_mend(tmp_path, directory, told):
    raw = {"drop": {"type": "file", "directory": directory}}
    with pytest.raises(UsageError) as error:
        DestinationsConfig(tmp_path, 15, raw, {}).destination("drop")
    assert told in error.value.what and "planted-secret" not in str(error.value)
    assert error.value.where == "destinations.yml, drop"


def test_credentials_of_a_store_stand_in_no_repr(tmp_path):
    options = {"secret": "${STORE_SECRET}", "client_kwargs": {"region_name": "eu-central-1"}}
    raw = {"drop": {"type": "file", "directory": "memory://x", "storage_options": options}}
    config = DestinationsConfig(tmp_path, 15, raw, {"STORE_SECRET": "planted-secret"})
    settings = config.destination("drop").settings
    assert settings.storage_options["secret"] == "planted-secret"
    assert "planted-secret" not in repr(settings) + repr(settings.folder())
    assert config.secrets("drop") == {"planted-secret"}
