"""A person is erased in the middle of a journey, and tomorrow's file brings them again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from json_tool import JsonTool

from activation import DestinationsConfig, send
from baton.ids import make_id
from baton.tombstones import VARIABLE

from . import erasing
from .learned import ANN, BEN
from .records import after
from .tampering import opened

pytestmark = pytest.mark.long

REPOSITORY = Path(__file__).parents[2]
NODE = make_id("node", "email", ANN.email)


@pytest.fixture(autouse=True, scope="module")
def key():
    """The key of erasures, as the environment of a batch has it."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = erasing.KEY[VARIABLE]
    yield
    os.environ.pop(VARIABLE)
    if before is not None:
        os.environ[VARIABLE] = before


@pytest.fixture(scope="module")
def erased(shop, learned, tmp_path_factory):
    """Stores after Ann was erased, the facts that the command told, and what stood before."""
    folder = tmp_path_factory.mktemp("erased") / "stores"
    with erasing.waiting(shop, learned, folder) as installation:
        before = erasing.places_of(erasing.everything(installation))
        counts = erasing.erase(installation, ANN.email, "--dry-run")
        untouched = erasing.places_of(erasing.everything(installation))
        facts = erasing.erase(installation, ANN.email)
        at_once = erasing.places_of(erasing.everything(installation))
        yield installation, before, (counts, untouched), facts, at_once


@pytest.fixture(scope="module")
def next_day(erased):
    """The same after tomorrow's files, a batch and a sending."""
    installation = erased[0]
    erasing.land(installation, "tomorrow", erasing.tomorrow())
    batch = installation.batch(after(140), is_proof=True)
    return installation, batch, installation.send()


def test_a_dry_run_counts_what_an_erasure_removes_and_touches_nothing(erased):
    _, before, (counts, untouched), facts, _ = erased
    assert counts["rows"] == facts["rows"]
    assert counts["is_dry_run"]
    assert untouched == before
    assert {"raw.crm_contacts", "nodes", "int_journeys__steps"} <= set(counts["rows"])


def test_no_value_is_left_in_any_table_or_landed_file_when_the_command_returns(erased):
    _, before, _, facts, at_once = erased
    places = set(before)
    assert {"raw.crm_contacts", "identity.nodes", "journal payloads"} <= places
    assert any(name.startswith("landed contacts") for name in places)
    assert facts["is_done"]
    assert at_once == {}


def test_the_waiting_message_is_cancelled_and_nothing_is_sent_to_the_person(next_day):
    installation, _, report = next_day
    assert installation.journal.message_counts() == {"cancelled": 1}
    assert report.requests == 0
    events = installation.receivers.log.events()
    assert [one for one in events if one.get("recipient") == ANN.email] == []


def test_what_tomorrows_files_say_of_the_person_is_counted_as_erased_and_kept_nowhere(next_day):
    installation, batch, _ = next_day
    counts = batch.window.counts
    assert counts.rows_erased == 3
    sums = "rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined + rows_erased"
    assert erasing.rows(
        installation, f"select count(*) from raw.deliveries where rows_read <> {sums}"
    ) == [(0,)]
    assert erasing.places_of(erasing.everything(installation)) == {}
    assert batch.differing == []


def test_the_very_file_that_was_loaded_leaves_no_value_when_it_comes_again(next_day):
    installation = next_day[0]
    erasing.land(installation, "again", [*ANN.base(), *BEN.base()])
    counts = installation.batch(after(140.5)).window.by_source
    assert counts["consent.statements"].rows_duplicate == 2
    assert erasing.places_of(erasing.everything(installation)) == {}


def test_the_others_are_as_they_were(next_day):
    installation = next_day[0]
    assert erasing.rows(installation, "select first_name from {customers}") == [(BEN.name.title(),)]


def test_ledgers_keep_ids_and_say_that_somebody_was_erased(next_day):
    installation = next_day[0]
    assert erasing.rows(
        installation, "select scope, reason, until from {suppressions} where node_id = ?", NODE
    ) == [("person", "erased", after(0).replace(year=9999, month=12, day=31, hour=0))]
    kinds = erasing.rows(installation, "select distinct kind, to_person_id from {identity_changes}")
    assert ("erase", None) in kinds
    (erasure,) = installation.journal.erasures.all()
    assert erasing.rows(
        installation, "select distinct entry_node_id, contact_point_id from {outbox}"
    ) == [(erasure.erasure_id, None)]
    assert (erasure.reason, erasure.set_by) == ("asked for it", "test")


@pytest.mark.timeout(300)
def test_a_full_rebuild_gives_the_same_as_the_increments(next_day):
    installation = next_day[0]
    installation.journal.set_simulated_time(after(141))
    installation.batches.run(installation.journal, now=after(141))
    before = erasing.states(installation)
    installation.batches.run(installation.journal, now=after(142), full_refresh=True)
    assert erasing.states(installation) == before
    assert erasing.places_of(erasing.everything(installation)) == {}


def test_an_erasure_breaks_no_seal_and_hides_no_change(next_day):
    installation = next_day[0]
    decisions = installation.batches.dbt.relation("decisions")
    nodes = installation.batches.dbt.relation("nodes")
    with opened(installation.folder, installation.batches.dbt) as stores:
        assert stores.verify().findings == []
        ((graves,),) = stores.con.execute(
            "select list(distinct ledger) from raw.ledger_tombstones"
        ).fetchall()
        assert {"decisions", "outbox", "nodes"} <= set(graves)
        for change in (
            f"update {decisions} set entry_node_id = 'somebody'",
            f"update {decisions} set contact_point_id = 'somebody'",
            f"update {decisions} set reason = 'other'",
            f"delete from {decisions}",
            f"delete from {nodes} where rowid = (select min(rowid) from {nodes})",
            "delete from raw.ledger_tombstones",
            "update raw.ledger_tombstones set erasure_id = 'none'",
            "update raw.ledger_tombstones set hidden = kept",
        ):
            with stores.undone():
                stores.con.execute(change)
                assert stores.verify().findings, change


def test_status_counts_what_was_erased(next_day):
    installation = next_day[0]
    ((records,),) = erasing.rows(installation, "select sum(rows_erased) from raw.deliveries")
    facts = erasing.baton(installation, "status")
    assert facts["erased"] == {"persons": 1, "open": 0, "records": records}
    assert records >= 6


@pytest.mark.timeout(300)
def test_who_comes_back_is_somebody_new(shop, learned, tmp_path):
    with erasing.waiting(shop, learned, tmp_path / "stores") as installation:
        gone = set(erasing.erase(installation, ANN.email)["person_ids"])
        erasing.land(installation, "back", [*erasing.comeback(150), *erasing.exported(-50_000)])
        batch = installation.batch(after(155))
        counts = batch.window.by_source
        assert counts["web.events"].rows_loaded == counts["consent.statements"].rows_loaded == 1
        assert counts["crm.contacts"].rows_erased == 1
        (person,) = erasing.rows(
            installation,
            "select m.person_id, c.first_name from {identity_map} as m "
            "join {customers} as c using (person_id) where m.node_id = ?",
            NODE,
        )
        assert person[0] not in gone
        assert person[1] is None
        assert erasing.rows(
            installation, "select until from {suppressions} where node_id = ?", NODE
        ) == [(after(150),)]
        assert erasing.rows(
            installation, "select count(*) from {decisions} where entry_node_id = ?", NODE
        ) == [(0,)]
        erasing.land(installation, "state", erasing.exported(160))
        installation.batch(after(300))
        assert ("Ann_Of_The_Plan",) in erasing.rows(
            installation, "select first_name from {customers}"
        )
        installation.send()
        mails = [one for one in installation.receivers.log.events() if one["kind"] == "mail"]
        assert [one["recipient"] for one in mails].count(ANN.email) == 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["journal", "warehouse", "file"])
def test_a_killed_erasure_is_finished_by_the_next_batch(shop, learned, tmp_path, moment):
    with erasing.waiting(shop, learned, tmp_path / "stores") as installation:
        killed = subprocess.run(
            [sys.executable, "-m", "end_to_end.killed_erasure", ANN.email, moment],
            cwd=installation.project.root,
            env={
                **os.environ,
                **installation.environment(),
                "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}",
            },
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert installation.journal.message_counts() == {"cancelled": 1}
        assert len(installation.journal.erasures.open()) == 1
        assert erasing.places_of(erasing.everything(installation)) != {}
        erasing.land(installation, "tomorrow", erasing.tomorrow())
        batch = installation.batch(after(140))
        assert batch.window.counts.rows_erased == 3
        assert installation.journal.erasures.open() == []
        assert erasing.places_of(erasing.everything(installation)) == {}
        assert installation.send().requests == 0


@pytest.mark.timeout(300)
def test_a_tool_is_told_again_until_it_has_erased_the_person(shop, learned, tmp_path):
    with (
        erasing.waiting(shop, learned, tmp_path / "stores") as installation,
        JsonTool((503, {}), (204, None)) as tool,
    ):
        file = tmp_path / "destinations.yml"
        file.write_text(json.dumps(_with_desk(tool.url)), encoding="utf-8")
        installation.receivers.environment["BATON_DESTINATIONS"] = str(file)
        facts = erasing.erase(installation, ANN.email)
        assert facts["tools"]["desk"]["state"] == "waiting"
        config = DestinationsConfig.load(file, installation.receivers.environment)
        send(installation.journal, config, now=installation.journal.now)
        shown = erasing.baton(installation, "identity", "erasures")["erasures"][0]
        assert shown["tools"]["desk"]["state"] == "waiting"
        installation.journal.set_simulated_time(after(400))
        send(installation.journal, config, now=installation.journal.now)
        shown = erasing.baton(installation, "identity", "erasures")["erasures"][0]
        assert shown["tools"]["desk"]["state"] == "done"
        asked = {(one.body["kind"], one.body["value"]) for one in tool.got}
        assert {("email", ANN.email), ("external_id", ANN.contact_id)} <= asked
        assert erasing.places_of(erasing.everything(installation)) == {}


@pytest.mark.timeout(300)
def test_after_a_purge_no_byte_of_the_stores_tells_a_value(shop, learned, tmp_path):
    with erasing.waiting(shop, learned, tmp_path / "stores") as installation:
        assert ANN.email.encode() in erasing.bytes_of(installation)
        erasing.erase(installation, ANN.email)
        before = erasing.states(installation)
        erasing.baton(installation, "identity", "purge")
        left = erasing.bytes_of(installation).lower()
        assert [one for one in erasing.PLANTED if one.lower().encode() in left] == []
        assert erasing.states(installation) == before
        installation.batch(after(140), is_proof=True)


def _with_desk(url):
    content = DestinationsConfig.load(environ={}).raw
    desk = {
        "type": "http",
        "base_url": url,
        "limit": {"rate": 100, "per_seconds": 1},
        "erasures": {
            "retry_class": "U",
            "request": {
                "url": "/forget",
                "json": {"kind": "{{ variables.identifier }}", "value": "{{ address }}"},
            },
        },
    }
    templates = str(REPOSITORY / "activation" / "templates")
    return {"templates": templates, "destinations": {**content, "desk": desk}}
