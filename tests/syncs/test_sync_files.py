"""Audiences as files: what stands in them, whatever comes between plan and rename."""

from dataclasses import replace

import pytest
from sync_ground import AUDIENCE, NOON, SUPPRESSIONS, Tool, ground

from activation.config import Destination
from activation.destinations.file_drop import FileSettings
from activation.syncs import run_syncs
from baton.journal import AddressBlock
from baton.journal.erasures import ErasureOrder
from baton.tombstones import Identifier


@pytest.fixture
def audience(name):
    return replace(AUDIENCE, name=name, destination=name)


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path)


@pytest.fixture
def at(journal, warehouse, audience, directory):
    settings = FileSettings(type="file", directory=directory)
    files = Destination(audience.destination, settings, {})
    return replace(ground(journal, warehouse, Tool()), destination=lambda _: files, journal=journal)


def run(sync, at):
    (report,) = run_syncs([sync], at)
    return report


def ids(tmp_path):
    lines = (tmp_path / "members.csv").read_text().splitlines()[1:]
    return {line.split(",")[0].strip('"') for line in lines}


def test_without_suppressions_a_file_only_loses_rows(at, warehouse, audience, tmp_path):
    stops = replace(SUPPRESSIONS, name=f"{audience.name} stops", destination=audience.destination)
    warehouse.members({"f1": "Ann", "f2": "Bea"})
    run(audience, at)
    warehouse.members({"f2": "Bea", "f3": "Cleo"})
    warehouse.con.execute("drop table stopped")
    _, report = run_syncs([stops, audience], at)
    assert (report.state, report.reason) == ("partly", "suppressions_not_taken")
    assert (ids(tmp_path), report.counts["left"]) == ({"f2"}, 1)
    run(audience, at)
    assert ids(tmp_path) == {"f2", "f3"}


def test_a_switch_keeps_rows_from_a_file(at, journal, warehouse, audience, tmp_path):
    warehouse.members({"f1": "Ann"})
    run(audience, at)
    warehouse.members({"f2": "Bea"})
    journal.stop("destination", audience.destination, reason="a test", by="Ada")
    report = run(audience, at)
    assert (report.state, report.reason) == ("halted", "switched_off")
    assert ids(tmp_path) == set()


class SaysNo:
    """A ledger in whose journal addresses say no while requests wait to be put on record."""

    def __init__(self, journal, *ids_):
        self._journal = journal
        self._ids = ids_

    def __getattr__(self, name):
        return getattr(self._journal.syncs, name)

    def open_requests(self, *args):
        self._journal.block_addresses(
            [
                AddressBlock("email", f"{one}@mail.example", None, None, "opt_out", NOON, "page")
                for one in self._ids
            ]
        )
        self._journal.syncs.open_requests(*args)


def test_who_says_no_just_before_the_file_is_written_does_not_stand_in_it(
    at, journal, warehouse, audience, tmp_path
):
    warehouse.members({"g1": "Ann", "g2": "Bea"})
    run(audience, at)
    warehouse.members({"g1": "Ann", "g2": "Bea", "g3": "Cleo", "g4": "Dora"})
    report = run(audience, replace(at, ledger=SaysNo(journal, "g1", "g3")))
    assert ids(tmp_path) == {"g2", "g4"}
    counts = [report.counts[one] for one in ("told", "taken_back", "blocked")]
    assert (report.state, counts) == ("done", [1, 1, 1])
    held = [one.row_key for one in journal.syncs.held(audience.name, audience.destination)]
    assert held == ["g2", "g4"]
    assert run(audience, at).counts["unchanged"] == 2
    assert ids(tmp_path) == {"g2", "g4"}


class Erases(SaysNo):
    """A ledger in whose journal people are erased while requests wait to be put on record."""

    def open_requests(self, *args):
        values = [Identifier("user", one) for one in self._ids]
        order = ErasureOrder(self._ids, self._ids, values, row_keys=self._ids)
        self._journal.erasures.order(order, reason="asked for it", by="test")
        return self._journal.syncs.open_requests(*args)


@pytest.fixture
def erasure_key(monkeypatch):
    monkeypatch.setenv("BATON_ERASURE_KEY", "a key of the tests that is long enough")


@pytest.mark.usefixtures("erasure_key")
def test_a_file_in_which_somebody_erased_would_stand_is_left_as_it_is(
    at, journal, warehouse, audience, tmp_path
):
    warehouse.members({"j1": "Ann"})
    run(audience, at)
    warehouse.members({"j1": "Ann", "j2": "Bea"})
    report = run(audience, replace(at, ledger=Erases(journal, "j2")))
    assert (report.state, report.reason) == ("halted", "erased_meanwhile")
    assert ids(tmp_path) == {"j1"}
    held = [one.row_key for one in journal.syncs.held(audience.name, audience.destination)]
    assert held == ["j1"]


@pytest.mark.parametrize("directory", ["memory://drops/of the tests"])
def test_a_folder_of_a_store_is_kept_as_one_of_this_machine(at, warehouse, audience, directory):
    store = FileSettings(type="file", directory=directory).folder()
    warehouse.members({"i1": "Ann", "i2": "Bea"})
    assert run(audience, at).counts["told"] == 2
    warehouse.members({"i2": "Bea", "i3": "Cleo"})
    report = run(audience, at)
    assert (report.counts["told"], report.counts["taken_back"]) == (1, 1)
    rows = store.read("members.csv").decode().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ['"i2"', '"i3"']
    assert run(audience, at).counts["unchanged"] == 2


def test_a_file_that_is_written_stands_in_the_table_of_drops(at, journal, warehouse, audience):
    warehouse.members({"h1": "Ann"})
    run(audience, at)
    with journal._store.read() as connection:
        last = "select name, row_count from drops order by seq desc limit 1"
        assert connection.exec_driver_sql(last).all() == [("members", 1)]
