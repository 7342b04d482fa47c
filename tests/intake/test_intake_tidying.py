"""What is old goes, by the policy, and what a next window or a promise asks for stays."""

import gzip
import os
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from landing_yard import EVENTS, NOON, SOURCES, SWITCHES, ListFeed, Yard, event

from baton import rooms
from baton.erasing import blank_landed, left_to_blank
from baton.errors import Busy, UsageError
from baton.intake import last_of_feed
from baton.intake.landing import listed
from baton.journal import Journal
from baton.project import Project
from baton.retention import Retention, tidy
from baton.retention.extras import blank
from baton.retention.landed import old_files, retire
from baton.retention.ledgers import shrink
from baton.tombstones import ErasureKey, Tombstones

DAY = timedelta(days=1)
SEGMENT = "web/events-01700000000000000000-7-1.jsonl"
LATER = NOON + 30 * DAY
TOTALS = """select sum(rows_read), sum(rows_loaded), sum(rows_duplicate), sum(rows_quarantined),
    min(first_occurred_at), max(last_occurred_at) from raw.deliveries"""


def grow(yard, windows, name=SEGMENT):
    """A segment that every window reads a little further."""
    yard.jsonl(name, [])
    for number in range(windows):
        yard.append(name, f'{{"event_id": "e{number}", "event": "x", "occurred_at": "{NOON}"}}\n')
        yard.take(NOON + timedelta(seconds=number))


def aged(yard, name, days):
    file = yard.landing / name
    at = file.stat().st_mtime_ns - int(days * 86_400 * 1e9)
    os.utime(file, ns=(at, at))


def state(number):
    return {"seq": number, "scope": "global", "is_stopped": True, "set_at": str(NOON)}


def project_of(yard):
    yard.con.close()
    return Project(
        yard.folder, yard.folder / "warehouse.duckdb", yard.folder / "j.db", yard.landing
    )


def tidied(yard, policy, **how):
    project = project_of(yard)
    with Journal.open(project.journal) as journal:
        return tidy(project, journal, policy, now=LATER, **how)


def test_what_a_window_asks_of_deliveries_does_not_grow_with_the_windows(yard: Yard) -> None:
    grow(yard, 20)
    assert yard.one("select count(*) from raw.deliveries") == 20
    assert yard.one("select count(*) from raw.latest_deliveries") == 1
    feed = ListFeed([state(1)])
    for number in range(2, 6):
        yard.take(feeds=[feed])
        feed.rows = [*feed.rows, state(number)]
    assert yard.one("select count(*) from raw.latest_deliveries") == 2
    assert last_of_feed(yard.con, SWITCHES.relation) == 4


def test_a_delivery_read_by_many_windows_becomes_one_row_with_the_same_sums(yard: Yard) -> None:
    grow(yard, 12)
    yard.take(feeds=[ListFeed([state(1)])])
    yard.take(feeds=[ListFeed([state(1), state(2)])])
    yard.take(LATER)
    before = yard.one(TOTALS)
    found = shrink(yard.con, Retention(), [SEGMENT], LATER)
    assert found["delivery rows folded"] == 11 + 1
    assert yard.one(TOTALS) == before
    assert yard.ask("select from_byte, rows_read from raw.deliveries where path not like 'feed%'")
    assert yard.one("select count(*) from raw.deliveries") == 2
    assert shrink(yard.con, Retention(), [SEGMENT], LATER)["delivery rows folded"] == 0


def test_a_segment_goes_on_where_it_stopped_after_its_rows_were_folded(yard: Yard) -> None:
    grow(yard, 5)
    yard.take(LATER)
    shrink(yard.con, Retention(), [SEGMENT], LATER)
    yard.append(SEGMENT, f'{{"event_id": "late", "event": "x", "occurred_at": "{NOON}"}}\n')
    counts = yard.take(LATER).counts
    assert (counts.rows_read, counts.rows_loaded) == (1, 1)
    assert yard.one("select count(*) from raw.web_events") == 6


def test_what_the_open_window_read_is_not_folded(yard: Yard) -> None:
    grow(yard, 3)
    yard.append(SEGMENT, f'{{"event_id": "more", "event": "x", "occurred_at": "{NOON}"}}\n')
    open_ = yard.open(NOON)
    assert shrink(yard.con, Retention(), [SEGMENT], LATER)["delivery rows folded"] == 0
    assert yard.open(LATER).counts == open_.counts


def test_only_loaded_old_files_of_ours_go_unless_the_policy_says_more(yard: Yard) -> None:
    receipts = "messaging/receipts.mailer.0a1b.jsonl"
    young = SEGMENT.replace("-1.", "-2.")
    for name in (SEGMENT, young, "web/events-export.jsonl"):
        yard.jsonl(name, [event(len(name))])
    yard.jsonl(receipts, ["{}"])
    for name in (SEGMENT, receipts, "web/events-export.jsonl"):
        aged(yard, name, 3)
    yard.take()
    unread = SEGMENT.replace("-1.", "-3.")
    yard.jsonl(unread, [event(8)])
    aged(yard, unread, 3)
    now = NOON.now()
    assert [one.path for one in old_files(yard.con, yard.landing, Retention(), now)] == [SEGMENT]
    more = Retention(landed_days=1)
    assert [one.path for one in old_files(yard.con, yard.landing, more, now)] == [
        SEGMENT,
        "web/events-export.jsonl",
    ]


def test_a_file_with_a_line_that_never_ended_stays_if_it_is_of_others(yard: Yard) -> None:
    for name in (SEGMENT, "web/events-export.jsonl"):
        yard.jsonl(name, [event(len(name))])
        yard.append(name, '{"event_id": "cut')
        aged(yard, name, 3)
    yard.take()
    found = old_files(yard.con, yard.landing, Retention(landed_days=1), NOON.now())
    assert [one.path for one in found] == [SEGMENT]


def test_a_dry_run_says_what_a_tidying_then_does_and_changes_nothing(yard: Yard) -> None:
    grow(yard, 4)
    yard.jsonl("web/events-broken.jsonl", ["no json"])
    aged(yard, SEGMENT, 3)
    yard.take()
    yard.take(NOON + 29 * DAY)
    policy = Retention(quarantine_text_days=7)
    said = tidied(yard, policy, is_dry=True)
    assert (yard.landing / SEGMENT).exists()
    assert said == tidied(yard, policy)
    assert not (yard.landing / SEGMENT).exists()
    assert said["landed files"] == 1
    assert said["delivery rows folded"] == 3
    assert said["quarantined texts"] == 1
    again = Yard(yard.folder)
    assert dict(again.ask("select what, amount from raw.tidyings")) == {
        what: amount for what, amount in said.items() if amount
    }
    assert again.ask("select reason, raw_text from raw.quarantine") == [("bad_json", None)]
    assert not any(tidied(again, policy).values())


def test_files_that_tidying_removed_are_not_missed_by_an_erasure(yard: Yard) -> None:
    grow(yard, 3)
    aged(yard, SEGMENT, 3)
    yard.take()
    assert tidied(yard, Retention())["landed files"] == 1
    people = [replace(EVENTS, identifiers=(("event_id", ("user",)),))]
    again = Yard(yard.folder)
    nobody = Tombstones(ErasureKey("a key of the tests that is long enough"), {})
    assert blank_landed(again.con, again.landing, people, nobody, everywhere=True) == 0
    assert left_to_blank(again.con) == []
    again.jsonl("web/events-1.jsonl", [event(1)])
    again.take(LATER)
    (again.landing / "web/events-1.jsonl").unlink()
    blank_landed(again.con, again.landing, people, nobody, everywhere=True)
    assert left_to_blank(again.con) == ["web/events-1.jsonl"]


def test_what_comes_again_after_its_file_went_is_known(yard: Yard) -> None:
    grow(yard, 3)
    content = (yard.landing / SEGMENT).read_text()
    aged(yard, SEGMENT, 3)
    yard.jsonl("web/events-other.jsonl", [event(77)])
    yard.take(LATER)
    tidied(yard, Retention())
    again = Yard(yard.folder)
    again.text(SEGMENT, content)
    again.text("web/events-copy.jsonl", content.splitlines(keepends=True)[1])
    counts = again.take(LATER).counts
    assert (counts.rows_loaded, counts.rows_duplicate, counts.rows_quarantined) == (0, 4, 0)


def test_an_archive_has_the_file_before_it_goes(yard: Yard) -> None:
    grow(yard, 2)
    content = (yard.landing / SEGMENT).read_bytes()
    aged(yard, SEGMENT, 3)
    yard.take()
    tidied(yard, Retention(archive=yard.folder / "archive"))
    (kept,) = (yard.folder / "archive").glob(f"{SEGMENT}.*.gz")
    assert gzip.decompress(kept.read_bytes()) == content
    assert not (yard.landing / SEGMENT).exists()


def landed_of(yard):
    (one,) = listed(yard.landing, [])
    return one


def test_an_archive_keeps_both_of_two_files_that_had_one_name(yard: Yard) -> None:
    archive = yard.folder / "archive"
    for days, content in ((3, "first"), (2, "second")):
        yard.text(SEGMENT, content)
        aged(yard, SEGMENT, days)
        retire(landed_of(yard), archive)
    kept = sorted(archive.glob(f"{SEGMENT}.*.gz"))
    assert [gzip.decompress(one.read_bytes()) for one in kept] == [b"first", b"second"]


@pytest.mark.parametrize("archive", [None, "archive"])
def test_a_file_that_changed_since_it_was_found_stays(yard: Yard, archive: str | None) -> None:
    yard.text(SEGMENT, "loaded")
    found = landed_of(yard)
    yard.append(SEGMENT, " and not")
    retire(found, archive and yard.folder / archive)
    assert (yard.landing / SEGMENT).read_text() == "loaded and not"


def test_a_file_that_took_its_place_while_it_was_archived_stays(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.text(SEGMENT, "loaded")
    found, copy = landed_of(yard), shutil.copyfileobj

    def copy_and_land_again(source, target):
        copy(source, target)
        yard.text(f"{SEGMENT}.part", "newer!")
        os.utime(yard.landing / f"{SEGMENT}.part", ns=(found.modified_ns, found.modified_ns))
        (yard.landing / f"{SEGMENT}.part").replace(yard.landing / SEGMENT)

    monkeypatch.setattr(shutil, "copyfileobj", copy_and_land_again)
    retire(found, yard.folder / "archive")
    assert (yard.landing / SEGMENT).read_text() == "newer!"


def test_windows_and_the_last_row_of_a_source_stay_where_numbers_go_on_from_them(
    yard: Yard,
) -> None:
    grow(yard, 3)
    (yard.landing / SEGMENT).unlink()
    found = shrink(yard.con, Retention(windows_days=30), [], NOON + 100 * DAY)
    assert found["paths forgotten"] == 0
    assert found["window rows"] == 1
    assert yard.take(NOON).window_id == 4
    assert yard.one("select count(*) from raw.latest_deliveries where source = 'web.events'") == 1


def test_while_a_batch_has_the_warehouse_tidying_is_busy(yard: Yard) -> None:
    grow(yard, 1)
    project = project_of(yard)
    with rooms.writing(project.warehouse), pytest.raises(Busy):
        tidied(Yard(yard.folder), Retention())


def test_a_repeat_is_known_after_its_undeclared_fields_went(yard: Yard) -> None:
    yard.jsonl("web/events-1.jsonl", [event(1, browser="lynx"), event(2, browser="lynx")])
    yard.take()
    assert blank(yard.con, SOURCES, LATER) == 2
    assert blank(yard.con, SOURCES, LATER) == 0
    again = [event(1, browser="lynx"), event(2, browser="lynx", event="other")]
    yard.jsonl("web/events-2.jsonl", again)
    counts = yard.take(LATER).counts
    assert (counts.rows_loaded, counts.rows_duplicate, counts.rows_quarantined) == (0, 1, 1)
    assert yard.ask("select distinct cast(_extra as varchar) from raw.web_events") == [("null",)]


def test_only_versions_that_were_followed_lose_undeclared_fields(yard: Yard) -> None:
    case = {"case_id": "k1", "status": "open", "updated_at": str(NOON), "note": "one"}
    for number, row in enumerate([case, case | {"note": "two"}]):
        yard.jsonl(f"service/cases-{number}.jsonl", [row])
        yard.take()
    assert blank(yard.con, SOURCES, LATER) == 1
    yard.jsonl("service/cases-3.jsonl", [case | {"note": "two"}, case | {"note": "three"}])
    counts = yard.take(LATER).counts
    assert (counts.rows_unchanged, counts.rows_loaded) == (1, 1)


def test_a_wrong_policy_is_refused_with_the_key_and_the_mend(tmp_path) -> None:
    assert Retention.load(tmp_path) == Retention()
    (tmp_path / "retention.yml").write_text("journal_days: 2\n")
    with pytest.raises(UsageError, match="journal_days") as caught:
        Retention.load(tmp_path)
    assert "collected_days" in caught.value.mend
    (tmp_path / "retention.yml").write_text("colected_days: 2\n")
    with pytest.raises(UsageError, match="colected_days"):
        Retention.load(tmp_path)


def test_the_policy_that_is_shipped_is_the_default() -> None:
    root = Project.find().root
    assert Retention.load(root) == Retention()
