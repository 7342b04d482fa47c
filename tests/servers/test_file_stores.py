"""File drops on stores of other processes: an S3-compatible server, and SFTP."""

import socket
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from between import Between
from running_servers import free_port
from sync_ground import AUDIENCE, NOON, RELATIONS, Warehouse

from activation import DestinationsConfig
from activation.syncs import Ground, run_syncs

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
SECRET = "planted-secret"


@pytest.fixture(scope="module")
def s3_url(installed, tmp_path_factory):
    home, port = tmp_path_factory.mktemp("s3"), free_port()
    command, ready = ("moto_server", "-H", "127.0.0.1", "-p", port), f"http://127.0.0.1:{port}"
    with installed.start(*command, cwd=home, ready=ready):
        yield ready


@pytest.fixture(scope="module")
def sftp_port(installed, tmp_path_factory):
    home, port = tmp_path_factory.mktemp("sftp"), free_port()
    script = Path(__file__).with_name("sftp_store.py")
    (home / "drops").mkdir()

    def is_ready():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    command = ("python", script, home / "drops", port, "shop", SECRET)
    with installed.start(*command, cwd=home, ready=is_ready):
        yield port


@pytest.fixture
def warehouse():
    made = Warehouse()
    yield made
    made.con.close()


@pytest.fixture
def s3(s3_url):
    with Between(s3_url) as between:
        yield between


def options_of(url):
    return {
        "key": "shop",
        "secret": SECRET,
        "client_kwargs": {"endpoint_url": url, "region_name": "eu-central-1"},
    }


@pytest.fixture
def bucket(s3_url):
    store = fsspec.filesystem("s3", skip_instance_cache=True, **options_of(s3_url))
    name = f"drops-{uuid4().hex}"
    store.mkdir(name)
    return store, name


def dropped(journal, warehouse, **settings):
    """How often the members were told and taken back by a run."""
    raw = {"drop": {"type": "file", **settings}}
    destination = DestinationsConfig(Path(), 15, raw, {}).destination("drop")
    at = Ground(
        ledger=journal.syncs,
        journal=journal,
        now=lambda: NOON,
        warehouse=warehouse.opened,
        relations=lambda sync: replace(RELATIONS, model=sync.model),
        destination=lambda _sync: destination,
    )
    (report,) = run_syncs([replace(AUDIENCE, destination="drop")], at)
    assert SECRET not in repr((report, destination))
    return report.state, report.reason, report.counts["told"], report.counts["taken_back"]


def ids(content):
    return [line.split(",")[0].strip('"') for line in content.decode().splitlines()[1:]]


def test_an_object_is_replaced_whole_and_not_put_again_for_the_same_rows(
    journal, warehouse, s3, bucket
):
    store, name = bucket
    at = {"directory": f"s3://{name}/shop", "storage_options": options_of(s3.url)}
    warehouse.members({"p1": "Ann", "p2": "Bea"})
    assert dropped(journal, warehouse, **at) == ("done", None, 2, 0)
    assert sorted(store.ls(f"{name}/shop")) == [
        f"{name}/shop/members.csv",
        f"{name}/shop/members.parquet",
    ]
    puts = s3.count("PUT", f"/{name}/shop/members.csv")
    assert dropped(journal, warehouse, **at) == ("done", None, 0, 0)
    assert s3.count("PUT", f"/{name}/shop/members.csv") == puts == 1
    warehouse.members({"p2": "Bea", "p3": "Cleo"})
    assert dropped(journal, warehouse, **at) == ("done", None, 1, 1)
    assert ids(store.cat_file(f"{name}/shop/members.csv")) == ["p2", "p3"]


def test_an_object_whose_put_was_not_answered_stands_there_once_and_whole(
    journal, warehouse, s3, bucket
):
    store, name = bucket
    at = {"directory": f"s3://{name}", "storage_options": options_of(s3.url)}
    warehouse.members({f"p{n}": "Ann" for n in range(10)})
    s3.lose("PUT", f"/{name}/members.parquet")
    state, _, told, _ = dropped(journal, warehouse, **at)
    if state == "failed":
        state, _, told, _ = dropped(journal, warehouse, **at)
    assert (state, told) == ("done", 10)
    assert len(ids(store.cat_file(f"{name}/members.csv"))) == 10
    assert len(store.ls(name)) == 2
    assert s3.count("PUT", f"/{name}/members.parquet") >= 1


def test_a_bucket_that_is_not_there_fails_the_run_and_nothing_counts_as_told(
    journal, warehouse, s3, bucket
):
    del bucket
    at = {"directory": "s3://nobodys-bucket", "storage_options": options_of(s3.url)}
    warehouse.members({"p1": "Ann"})
    assert dropped(journal, warehouse, **at) == ("failed", "FileNotFoundError", 0, 0)
    assert journal.syncs.held_count("lapsed", "drop") == 0


def test_by_sftp_a_file_comes_by_rename_into_a_folder_that_is_made(journal, warehouse, sftp_port):
    options = {"password": SECRET, "look_for_keys": False, "allow_agent": False}
    url = f"sftp://shop@127.0.0.1:{sftp_port}/in/shop"
    at = {"directory": url, "storage_options": options}
    warehouse.members({"p1": "Ann", "p2": "Bea"})
    assert dropped(journal, warehouse, **at) == ("done", None, 2, 0)
    warehouse.members({"p2": "Bea", "p3": "Cleo"})
    assert dropped(journal, warehouse, **at) == ("done", None, 1, 1)
    store = fsspec.filesystem("sftp", host="127.0.0.1", port=sftp_port, username="shop", **options)
    assert sorted(store.ls("/in/shop", detail=False)) == [
        "/in/shop/members.csv",
        "/in/shop/members.parquet",
    ]
    assert ids(store.cat_file("/in/shop/members.csv")) == ["p2", "p3"]
    store.client.close()
