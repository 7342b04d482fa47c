"""What lands is what intake takes: the declared source, its key, its quarantine."""

import json
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import duckdb
import httpx
import pytest
import yaml
from landed import told
from providers import NOW, event, word

from baton.intake import commit_window, prepare, sources_from_manifest, take_in
from baton.journal.clock import wall_clock

ROOT = Path(__file__).parents[2]
FILE = ROOT / "dbt_project" / "models" / "staging" / "messaging" / "_messaging__sources.yml"


def declared():
    """The source as dbt's manifest gives it."""
    (source,) = yaml.safe_load(FILE.read_text("utf-8"))["sources"]
    (table,) = source["tables"]
    columns = {column["name"]: column for column in table["columns"]}
    node = {"source_name": source["name"], "schema": source["schema"], "meta": {}}
    return sources_from_manifest([node | table | {"columns": columns}])


@pytest.fixture
def taken_in(landing, tmp_path):
    """Lets intake take what has landed; returns the rows and the quarantined texts."""
    con, sources = duckdb.connect(str(tmp_path / "warehouse.duckdb")), declared()
    prepare(con, sources)

    def take():
        now = wall_clock() + timedelta(days=1)
        window = take_in(con, landing=landing, sources=sources, feeds=[], now=now)
        commit_window(con, window, at=now)
        rows = con.execute(
            "select receipt_id, status, occurred_at, suppressed_until from raw.messaging_receipts"
            " order by receipt_id"
        ).fetchall()
        return rows, con.execute("select reason, raw_text from raw.quarantine").fetchall()

    yield take
    con.close()


def test_reports_are_rows_after_the_next_batch_and_bad_ones_stand_in_quarantine(taken_in, calls):
    calls.mails([event("bounce", 1, type="blocked"), event("delivered", 2), {"event": "bounce"}])
    calls.texts(word("STOP"))
    rows, quarantined = taken_in()
    assert rows == [
        ("mails:sg1", "bounced", NOW, NOW + timedelta(days=3)),
        ("mails:sg2", "delivered", NOW, None),
        ("texts:SM9", "stopped", NOW, None),
    ]
    ((reason, record),) = quarantined
    assert reason
    assert json.loads(record)["received"] == {"event": "bounce"}


def test_a_report_that_comes_again_in_other_company_is_one_row(taken_in, calls):
    first, second = event("delivered", 1), event("open", 2)
    for events in ([first], [first, second], [second]):
        calls.mails(events)
    rows, quarantined = taken_in()
    assert [row[0] for row in rows] == ["mails:sg1", "mails:sg2"]
    assert quarantined == []


def test_nothing_is_landed_that_the_journal_does_not_know(path, landing, calls, blocks):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    refused = calls.texts(word("STOP"))
    other.execute("rollback")
    other.close()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert told(landing) == []
    assert calls.texts(word("STOP")).status_code == 200
    assert blocks() == [("sms", "stop", None)]


def test_what_could_not_be_landed_is_asked_for_again(landing, calls, blocks):
    (landing / "messaging").write_text("a file where the folder should be")
    assert calls.texts(word("STOP")).status_code == 500
    assert blocks() == [("sms", "stop", None)]
    (landing / "messaging").unlink()
    assert calls.texts(word("STOP")).status_code == 200
    assert len(told(landing)) == 1


def test_many_at_once_are_each_answered_landed_and_blocked(landing, url, calls, blocks):
    forms = [word("STOP", MessageSid=f"SM{n}", From=f"+1555010{n:04}") for n in range(40)]
    statuses = []

    def post(part):
        with httpx.Client(base_url=url) as client:
            caller = type(calls)(client)
            statuses.extend(caller.texts(form).status_code for form in part)

    threads = [threading.Thread(target=post, args=[forms[n::4]]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40
    assert len(blocks()) == len(told(landing)) == 40


def test_no_part_of_a_file_is_left_and_no_log_speaks_of_people(landing, calls, caplog):
    calls.mails([event("bounce"), "ann@mail.example"])
    calls.mails([event("spamreport")], at="1", **{"X-Twilio-Email-Event-Webhook-Signature": "x"})
    names = [file.name for file in (landing / "messaging").iterdir()]
    assert len(names) == 1
    assert names[0].startswith("receipts.mails.")
    assert names[0].endswith(".jsonl")
    assert "mail.example" not in caplog.text
    assert "mail.example" not in "".join(names)


def test_the_command_says_whose_receipts_it_takes(tmp_path):
    """As a process of its own, with the destinations that are shipped."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "BATON_JOURNAL": str(tmp_path / "baton.journal.db"),
        "BATON_LANDING": str(tmp_path),
        "BATON_LINK_KEY": "a-key-of-the-tests-long-enough-to-be-one",
        "SMS_GATEWAY_URL": "https://sms.example",
        "SMS_GATEWAY_SECRET": "whsec_AAAA",
        "SMS_GATEWAY_RECEIPTS_SECRET": "whsec_AAAA",
    }
    baton = Path(sys.executable).with_name("baton")
    process = subprocess.Popen(
        [baton, "serve", "--port", "0", "--json"],
        env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = []
    while not (lines and lines[-1].strip() == "}"):
        lines.append(process.stdout.readline())
    facts = json.loads("".join(lines))
    process.terminate()
    process.wait(30)
    process.stdout.close()
    assert facts["receipts"] == ["sms_gateway"]
