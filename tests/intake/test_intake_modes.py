"""What a second record of the same key means: append, upsert, snapshot."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from landing_yard import CONTACTS, EVENTS, NOON, Yard, event

HEADER = "contact_id,email,stopped\n"


def contacts(*rows: tuple[str, str]) -> str:
    return HEADER + "".join(f"{number},{email},false\n" for number, email in rows)


def many(count: int) -> Sequence[tuple[str, str]]:
    return [(f"c{number:03}", f"{number}@x") for number in range(count)]


def versions(yard: Yard) -> list[tuple[object, ...]]:
    return yard.ask(
        "select contact_id, email, _deleted from raw.crm_contacts order by contact_id, _loaded_seq"
    )


def case(status: str, minute: int = 0, case_id: str = "k1") -> dict[str, object]:
    at = NOON - timedelta(hours=1) + timedelta(minutes=minute)
    return {"case_id": case_id, "status": status, "updated_at": at.isoformat()}


def statuses(yard: Yard) -> list[str]:
    rows = yard.ask("select status from raw.service_cases order by _loaded_seq")
    return [status for (status,) in rows]


class TestAppend:
    def test_the_same_record_again_is_dropped_and_counted(self, yard: Yard) -> None:
        yard.jsonl("web/events_1.jsonl", [event(1), event(1)])
        yard.take()
        yard.jsonl("web/events_2.jsonl", [event(1), event(2)])
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_duplicate) == (1, 1)
        assert yard.one("select count(*) from raw.web_events") == 2

    @pytest.mark.parametrize("in_one_window", [True, False])
    def test_another_record_of_the_same_key_is_quarantined(
        self, yard: Yard, in_one_window: bool
    ) -> None:
        yard.jsonl("web/events_1.jsonl", [event(1)])
        if not in_one_window:
            yard.take()
        yard.jsonl("web/events_2.jsonl", [event(1, event="login")])
        assert yard.take().counts.rows_quarantined == 1
        assert yard.ask("select event from raw.web_events") == [("page_view",)]
        assert [reason for _, reason, _ in yard.quarantine()] == ["key_conflict"]

    def test_what_a_sender_restates_at_each_try_is_no_content(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, [replace(EVENTS, restated=("occurred_at",))])
        yard.jsonl("web/events_1.jsonl", [event(1)])
        yard.take()
        later = f"{(NOON - timedelta(minutes=5)).isoformat()}Z"
        yard.jsonl("web/events_2.jsonl", [event(1, occurred_at=later)])
        yard.jsonl("web/events_3.jsonl", [event(1, occurred_at=later, event="login")])
        counts = yard.take().counts
        assert (counts.rows_duplicate, counts.rows_quarantined) == (1, 1)

    def test_an_undeclared_field_is_content_too(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(1, page=1), event(1, page=2)])
        assert yard.take().counts.rows_quarantined == 1

    def test_the_order_of_json_fields_is_no_content(self, yard: Yard) -> None:
        yard.jsonl("web/events_1.jsonl", [event(1, properties={"a": {"b": 1, "c": [2]}}, x=1, y=2)])
        yard.take()
        turned = dict(reversed(event(1, y=2, x=1, properties={"a": {"c": [2], "b": 1}}).items()))
        yard.text("web/events_2.jsonl", json.dumps(turned, indent=None) + "\n")
        counts = yard.take().counts
        assert (counts.rows_duplicate, counts.rows_quarantined) == (1, 0)

    def test_where_it_came_from_is_no_content(self, yard: Yard) -> None:
        yard.jsonl("web/events_1.jsonl", [event(1, _received_at="2026-03-01T10:00:00Z")])
        yard.jsonl("web/events_2.jsonl", [event(1, _received_at="2026-03-01T11:00:00Z")])
        assert yard.take().counts.rows_duplicate == 1

    def test_keys_of_several_columns_are_compared_as_a_whole(self, yard: Yard) -> None:
        yard.sources = [
            replace(one, key=("event_id", "event")) if one.name == "web" else one
            for one in yard.sources
        ]
        yard.jsonl("web/events.jsonl", [event(1), event(1, event="login"), event(1)])
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_duplicate) == (2, 1)


class TestUpsert:
    def test_a_version_is_stored_only_when_it_differs_from_the_last_one(self, yard: Yard) -> None:
        yard.jsonl("service/cases_1.jsonl", [case("open"), case("open", case_id="k2")])
        yard.take()
        yard.jsonl("service/cases_2.jsonl", [case("open"), case("closed", 5, case_id="k2")])
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_unchanged) == (1, 1)
        assert statuses(yard) == ["open", "open", "closed"]

    def test_within_a_delivery_each_differing_version_is_kept_in_order(self, yard: Yard) -> None:
        yard.jsonl(
            "service/cases.jsonl", [case("open"), case("open"), case("closed", 5), case("open", 9)]
        )
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_unchanged) == (3, 1)
        assert statuses(yard) == ["open", "closed", "open"]

    def test_a_version_that_comes_back_is_a_new_version(self, yard: Yard) -> None:
        for number, one in enumerate([case("open"), case("closed"), case("open")]):
            yard.jsonl(f"service/cases_{number}.jsonl", [one, {"case_id": f"only in {number}"}])
            yard.take()
        assert [one for one in statuses(yard) if one] == ["open", "closed", "open"]

    def test_versions_are_never_updated(self, yard: Yard) -> None:
        yard.jsonl("service/cases_1.jsonl", [case("open")])
        yard.take()
        before = yard.ask("select * from raw.service_cases")
        yard.jsonl("service/cases_2.jsonl", [case("closed", 5)])
        yard.take()
        assert yard.ask("select * from raw.service_cases where status = 'open'") == before


class TestSnapshot:
    def test_only_new_and_changed_contacts_become_versions(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x"), ("b", "b@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(("a", "a@x"), ("b", "new@x"), ("c", "c@x")))
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_unchanged, counts.rows_deleted) == (2, 1, 0)
        assert versions(yard) == [
            ("a", "a@x", False),
            ("b", "b@x", False),
            ("b", "new@x", False),
            ("c", "c@x", False),
        ]

    def test_a_contact_left_out_gets_a_deleted_version_and_may_come_back(self, yard: Yard) -> None:
        for number, text in enumerate(
            [contacts(("a", "a@x"), ("b", "b@x")), contacts(("a", "a@x")), contacts(("a", "a@x"))]
        ):
            yard.text(f"crm/contacts_{number}.csv", text)
            yard.take()
        assert versions(yard) == [("a", "a@x", False), ("b", "b@x", False), ("b", "b@x", True)]
        yard.text("crm/contacts_3.csv", contacts(("a", "a@x"), ("b", "b@x")))
        window = yard.take()
        assert versions(yard)[-1] == ("b", "b@x", False)
        assert (window.counts.rows_loaded, window.counts.rows_unchanged) == (1, 1)

    def test_deletions_are_numbered_like_other_rows(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x"), ("b", "b@x"), ("c", "c@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(("c", "c@x"), ("d", "d@x")))
        yard.jsonl("web/events.jsonl", [event(1)])
        window = yard.take()
        assert (window.from_seq, window.to_seq) == (3, 7)
        rows = "select contact_id, _loaded_seq from raw.crm_contacts where _loaded_seq > 3"
        assert yard.ask(f"{rows} order by 2") == [("d", 4), ("a", 5), ("b", 6)]
        assert yard.one("select _loaded_seq from raw.web_events") == 7

    def test_an_older_export_that_comes_back_word_for_word_is_news(self, yard: Yard) -> None:
        """An erased contact is the difference between two exports that are otherwise equal."""
        for text in (contacts(("a", "a@x")), contacts(("a", "a@x"), ("b", "b@x"))) * 2:
            yard.text("crm/contacts.csv", text)
            yard.take()
        assert [deleted for _, _, deleted in versions(yard)] == [False, False, True, False]

    def test_the_last_export_under_another_name_is_a_duplicate(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x")))
        yard.text("crm/contacts_2.csv", contacts(("a", "a@x")))
        assert [one.state for one in yard.take().own] == ["loaded", "duplicate"]
        yard.text("crm/contacts_3.csv", contacts(("a", "a@x")))
        assert [one.state for one in yard.take().own] == ["duplicate"]

    def test_several_exports_in_one_window_apply_in_order_of_their_names(self, yard: Yard) -> None:
        yard.text("crm/contacts_2.csv", contacts(("b", "b@x")))
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x")))
        yard.take()
        assert versions(yard) == [("a", "a@x", False), ("a", "a@x", True), ("b", "b@x", False)]

    def test_a_quarantined_row_still_shows_that_its_contact_exists(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x"), ("b", "b@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", HEADER + "a,a@x,false\nb,b@x,perhaps\n")
        counts = yard.take().counts
        assert (counts.rows_quarantined, counts.rows_deleted) == (1, 0)

    def test_two_rows_of_one_contact_that_contradict_each_other_are_not_both_loaded(
        self, yard: Yard
    ) -> None:
        yard.text("crm/contacts.csv", contacts(("a", "1@x"), ("a", "1@x"), ("a", "2@x")))
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_duplicate, counts.rows_quarantined) == (1, 1, 1)

    def test_an_export_that_would_delete_too_much_is_held_and_loads_nothing(
        self, yard: Yard
    ) -> None:
        yard.text("crm/contacts_1.csv", contacts(*many(20)))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(*many(9), ("new", "new@x")) + "broken\n")
        window = yard.take()
        [held] = window.held
        assert "would delete 11 of 20" in (held.reason or "")
        assert "raise max_deleted_share" in (held.reason or "")
        assert held.counts.rows_read == 0
        assert (window.from_seq, window.to_seq) == (20, 20)
        assert len(versions(yard)) == 20
        assert yard.quarantine() == []

    def test_half_of_the_contacts_may_be_deleted(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(*many(20)))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(*many(10)))
        assert yard.take().counts.rows_deleted == 10

    def test_the_breaker_leaves_small_tables_alone(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(*many(9)))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(*many(1)))
        assert yard.take().counts.rows_deleted == 8

    @pytest.mark.parametrize("text", ["", HEADER, HEADER + "broken\n"])
    def test_an_export_without_a_usable_row_is_held(self, yard: Yard, text: str) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", text)
        assert [one.state for one in yard.take().own] == ["held"]
        assert len(versions(yard)) == 1

    def test_a_held_export_is_reported_once_as_new_and_stays_on_record(self, yard: Yard) -> None:
        yard.text("crm/contacts.csv", HEADER)
        assert len(yard.take().held) == 1
        later = yard.take()
        assert later.held == ()
        assert [one.state for one in later.deliveries] == ["held"]

    def test_a_held_export_is_loaded_once_the_declaration_allows_it(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(*many(20)))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(*many(2)))
        yard.take()
        yard.sources = [replace(CONTACTS, max_deleted_share=1.0)]
        assert yard.take().counts.rows_deleted == 18

    def test_a_held_export_is_superseded_by_a_later_one(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(*many(20)))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(*many(2)))
        yard.take()
        yard.text("crm/contacts_3.csv", contacts(*many(19)))
        yard.take()
        yard.sources = [replace(CONTACTS, max_deleted_share=1.0)]
        assert yard.take().own == ()
        assert yard.states()["crm/contacts_2.csv"] == "superseded"

    def test_an_export_cut_off_in_the_middle_of_a_row_waits(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x"), ("b", "b@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", contacts(("a", "a@x")) + "b,b@x,fa")
        assert [one.state for one in yard.take().own] == ["waiting"]
        assert len(versions(yard)) == 2

    def test_a_refused_export_deletes_nobody(self, yard: Yard) -> None:
        yard.text("crm/contacts_1.csv", contacts(("a", "a@x")))
        yard.take()
        yard.text("crm/contacts_2.csv", "email\nb@x\n")
        assert [one.state for one in yard.take().own] == ["refused"]
        assert versions(yard) == [("a", "a@x", False)]
