"""The planned outcomes are in the files: what must happen to each quote can be read from them."""

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from retail_example import Example, Landed

from examples.retail.answers import Answer
from examples.retail.consent import PURPOSES
from examples.retail.dialogues import Kind
from examples.retail.fates import FATES, HIGH_VALUE
from examples.retail.shoppers import HABITS
from examples.retail.tables import TABLES

GO_LIVE = datetime(2017, 12, 29, 12)
END = GO_LIVE + timedelta(hours=6)
NOT_REMINDED = {
    "submitted_in_time", "open_case", "case_opened_between", "no_consent_refused",
    "no_consent_unknown", "opted_out_between", "bounced_before", "do_not_contact", "anonymous",
}  # fmt: skip

WORTH_A_CALL = {"sales_call", "submitted_before_call", "called_about_the_first", "one_call_a_day"}


def test_every_planned_fate_is_present_as_often_as_planned(example: Example) -> None:
    found = Counter(quote["fate"] for quote in example.key["quotes"].values())
    assert found == {fate.name: fate.count for fate in FATES}
    assert sum(found.values()) == pytest.approx(65, abs=5)


def test_every_quote_starts_between_26_hours_before_go_live_and_the_end(example: Example) -> None:
    for quote in example.key["quotes"].values():
        assert GO_LIVE - timedelta(hours=26) <= _time(quote["started_at"]) < END


def test_no_other_quote_starts_in_the_last_26_hours(example: Example) -> None:
    planned = set(example.key["quotes"])
    for event in _events(example, "quote_started"):
        if event.values["event_id"] and event.values["properties"]["quote_id"] not in planned:
            assert _time(event.values["occurred_at"]) < GO_LIVE - timedelta(hours=26)


def test_a_quote_submitted_in_time_is_known_before_its_reminder_is_due(example: Example) -> None:
    for quote_id, quote in _quotes(example, "submitted_in_time"):
        (event,) = _submissions(example, quote_id)
        assert _closes_at(example, event) <= _time(quote["due_at"]) + timedelta(minutes=30)
        assert _time(event.values["occurred_at"]) < _time(quote["due_at"])


def test_a_late_submission_happened_before_the_reminder_and_arrives_after_it(
    example: Example,
) -> None:
    for quote_id, quote in _quotes(example, "submission_known_late"):
        (event,) = _submissions(example, quote_id)
        assert _time(event.values["occurred_at"]) < _time(quote["due_at"])
        assert _closes_at(example, event) > _decided_at(example, quote)


def test_a_stalled_quote_is_never_submitted(example: Example) -> None:
    submitting = {fate.name for fate in FATES if fate.submitted != "never"}
    for quote_id, quote in example.key["quotes"].items():
        assert bool(_submissions(example, quote_id)) == (quote["fate"] in submitting)


def test_whoever_is_to_be_reminded_has_a_sales_and_marketing_consent_when_it_is_due(
    example: Example,
) -> None:
    for quote in example.key["quotes"].values():
        if quote["fate"] not in NOT_REMINDED:
            assert _permissions(example, quote, "email") == {"marketing": True, "sales": True}


def test_whoever_is_not_to_be_asked_has_no_consent_when_it_is_due(example: Example) -> None:
    for fate in ("no_consent_refused", "no_consent_unknown", "opted_out_between"):
        for _, quote in _quotes(example, fate):
            assert not any(_permissions(example, quote, "email").values())


def test_an_opt_out_in_between_comes_after_the_quote_started(example: Example) -> None:
    for _, quote in _quotes(example, "opted_out_between"):
        withdrawn = [
            record
            for record in example.of("consent.statements")
            if _same(record.values["email"], quote["email"]) and record.values["granted"] == "false"
        ]
        assert len(withdrawn) == 2
        for record in withdrawn:
            assert quote["started_at"] < record.values["stated_at"] < quote["due_at"]
            assert _closes_at(example, record) <= _decided_at(example, quote)


def test_the_sms_after_a_rejected_email_is_allowed_for_some_and_not_for_others(
    example: Example,
) -> None:
    for fate, allowed in (
        ("mailbox_rejects_sms_follows", True),
        ("mailbox_rejects_no_sms_consent", False),
    ):
        for _, quote in _quotes(example, fate):
            assert quote["phone"]
            assert quote["email"] in example.mailboxes["reject"]
            assert any(_permissions(example, quote, "sms").values()) == allowed


def test_the_mail_server_refuses_the_planned_mailboxes_once(example: Example) -> None:
    planned = {quote["email"] for _, quote in _quotes(example, "mailbox_rejects_once")}
    assert set(example.mailboxes["defer_once"]) == planned


def test_every_address_has_exactly_one_answer_of_the_mail_server(example: Example) -> None:
    kinds = ("reject", "defer_once", "accept")
    listed = [address for kind in kinds for address in example.mailboxes[kind]]
    known = {name[6:] for name in example.key["identifiers"] if name.startswith("email:")}
    assert len(listed) == len(set(listed))
    assert set(listed) == known


def test_whoever_is_to_be_reminded_without_ado_has_a_mailbox_that_accepts(example: Example) -> None:
    for quote in example.key["quotes"].values():
        if quote["fate"].startswith(("reminded", "sales_call", "compared")):
            assert quote["email"] in example.mailboxes["accept"]


def test_an_open_case_stays_open_and_one_closed_later_closes_after_the_reminder_was_due(
    example: Example,
) -> None:
    for _, quote in _quotes(example, "open_case"):
        assert _case_statuses(example, quote) == ["open"]
    for _, quote in _quotes(example, "case_closed_later"):
        assert _case_statuses(example, quote) == ["open", "closed"]
        closed = _cases(example, quote)[-1]
        assert quote["due_at"] < closed.values["closed_at"]
        assert _closes_at(example, closed) > _decided_at(example, quote)
    for _, quote in _quotes(example, "case_opened_between"):
        (case,) = _cases(example, quote)
        assert quote["started_at"] < case.values["opened_at"] < quote["due_at"]


def test_nobody_else_with_a_planned_quote_has_an_open_case(example: Example) -> None:
    for quote in example.key["quotes"].values():
        if "case" not in quote["fate"] and quote["person_id"]:
            assert not _cases(example, quote)


def test_an_anonymous_quote_names_nothing_but_a_device_that_nobody_ever_uses_to_log_in(
    example: Example,
) -> None:
    for _, quote in _quotes(example, "anonymous"):
        events = _by_device(example, quote)
        assert events
        assert not [e for e in events if e["user_id"] or e["email"]]
        assert example.key["identifiers"][f"anonymous:{quote['anonymous_id']}"] == []


def test_a_late_login_names_the_person_after_the_start_and_before_the_reminder(
    example: Example,
) -> None:
    for _, quote in _quotes(example, "anonymous_then_login"):
        logins = [e for e in _by_device(example, quote) if e["event"] == "login"]
        assert len(logins) == 1
        assert quote["started_at"] < logins[0]["occurred_at"] < quote["due_at"]


def test_a_second_quote_falls_due_within_the_slot_of_the_first_or_on_the_same_day(
    example: Example,
) -> None:
    for first_fate, second_fate, apart in (
        ("reminded_of_the_first", "outranked_by_the_first", timedelta(minutes=35)),
        ("called_about_the_first", "one_call_a_day", timedelta(hours=4, minutes=20)),
    ):
        for _, second in _quotes(example, second_fate):
            firsts = [quote for _, quote in _quotes(example, first_fate)]
            (first,) = (quote for quote in firsts if quote["person_id"] == second["person_id"])
            between = _time(second["due_at"]) - _time(first["due_at"])
            assert between == apart


def test_a_sales_call_is_due_in_the_live_part_for_high_values_only(example: Example) -> None:
    for quote in example.key["quotes"].values():
        is_old = _time(quote["started_at"]) < GO_LIVE - timedelta(hours=3)
        is_high = quote["value"] >= HIGH_VALUE
        assert is_high == (quote["fate"] in WORTH_A_CALL)
        if is_old:
            assert _time(quote["due_at"]) - _time(quote["started_at"]) == timedelta(hours=26)
            assert GO_LIVE < _time(quote["due_at"]) < END


def test_an_address_that_bounced_before_has_its_receipt_in_the_history(example: Example) -> None:
    bounced = {
        record.values["address"]
        for record in example.of("messaging.receipts")
        if record.values["status"] == "bounced" and record.slice_number == 0
    }
    for _, quote in _quotes(example, "bounced_before"):
        assert quote["email"] in bounced
    assert bounced <= set(example.mailboxes["reject"])
    for quote in example.key["quotes"].values():
        if quote["fate"] != "bounced_before":
            assert quote["email"] not in bounced


def test_only_the_one_planned_has_asked_for_no_contact(example: Example) -> None:
    asked = {
        record.values["contact_id"]
        for record in example.of("crm.contacts")
        if record.values["do_not_contact"] == "true" or record.values["deceased"] == "true"
    }
    for quote in example.key["quotes"].values():
        assert (quote["contact_id"] in asked) == (quote["fate"] == "do_not_contact")


def test_a_reminder_despite_a_duplicate_is_for_a_person_with_two_linkable_contacts(
    example: Example,
) -> None:
    linkable = {
        duplicate["duplicate_of"]
        for duplicate in example.key["duplicate_contacts"]
        if duplicate["linkable_by"] in {"email", "phone"}
    }
    for quote in example.key["quotes"].values():
        is_planned = quote["fate"] == "reminded_once_despite_duplicate"
        assert (quote["contact_id"] in linkable) == is_planned


def test_late_records_were_sent_late_and_repeated_ones_are_the_same_again(
    example: Example,
) -> None:
    mishaps: list[dict[str, Any]] = example.key["mishaps"]
    found = Counter(mishap["kind"] for mishap in mishaps)
    assert found["late"] >= 5
    assert found["repeated"] >= 4
    for mishap in mishaps:
        records = [r for r in example.of(mishap["table"]) if _key(r) == mishap["key"]]
        if mishap["kind"] == "late":
            late = [r for r in records if r.slice_number == mishap["slice_number"]]
            assert late
            assert all(_slice_of(r) < r.slice_number for r in late)
        if mishap["kind"] == "repeated":
            first, again = records
            assert first.values == again.values
            assert first.slice_number < again.slice_number


def test_five_broken_rows_wait_to_be_quarantined(example: Example) -> None:
    kinds = {"bad_json", "missing_key", "missing_time", "unparseable_time", "far_ahead"}
    assert kinds < {mishap["kind"] for mishap in example.key["mishaps"]}
    lines = [
        line
        for _, path in example.files("web.events")
        for line in path.read_text().splitlines()
        if not line.endswith("}")
    ]
    assert len(lines) == 1


def test_the_second_crm_export_is_complete_but_for_what_the_answer_key_names(
    example: Example,
) -> None:
    exports: dict[int, dict[str, dict[str, Any]]] = {}
    for record in example.of("crm.contacts"):
        export = exports.setdefault(record.slice_number, {})
        export[record.values["contact_id"]] = record.values
    (_, before), (number, after) = sorted(exports.items())
    answer = example.key["crm_reexport"]
    assert f"{number:02d}" == answer["slice"]
    assert before.keys() - after.keys() == set(answer["absent"])
    assert after.keys() - before.keys() == set(answer["new"])
    changed = {c for c in before.keys() & after.keys() if before[c] != after[c]}
    assert changed == set(answer["changed"])
    assert len(answer["absent"]) == 2
    assert len(answer["changed"]) == 4


def test_the_answer_key_names_the_person_of_every_identifier(example: Example) -> None:
    persons, identifiers = example.key["persons"], example.key["identifiers"]
    for record in example.landed:
        for name in _identifiers(record):
            assert name in identifiers, (record.table, name)
    assert {person for who in identifiers.values() for person in who} == set(persons)
    for person_id, person in persons.items():
        assert person_id in example.key["households"][person["household_id"]]
        assert any(name.startswith("contact:") for name in person["identifiers"])


def test_no_identifier_but_a_shared_mailbox_belongs_to_two_persons(example: Example) -> None:
    shared = {name for name, who in example.key["identifiers"].items() if len(who) > 1}
    assert shared == set(example.key["shared_emails"])
    assert 0 < len(shared) < 0.04 * len(example.key["persons"])


def test_about_70_percent_may_be_mailed_and_45_percent_may_be_texted(example: Example) -> None:
    latest: dict[tuple[str, str], str] = {}
    for record in example.of("consent.statements"):
        values = record.values
        if record.slice_number == 0 and values["purpose"] == "sales":
            address = values["email"] or values["phone"] or values["contact_id"]
            latest[values["channel"], _normal(address)] = values["granted"]
    people = len(example.key["persons"])
    allowed = Counter(channel for (channel, _), granted in latest.items() if granted == "true")
    assert allowed["email"] / (0.95 * people) == pytest.approx(0.7, abs=0.05)
    assert allowed["sms"] / (0.9 * people) == pytest.approx(0.45, abs=0.05)


def test_consents_of_the_rarer_kinds_are_given(example: Example) -> None:
    said = [record.values for record in example.of("consent.statements")]
    everything = [one for one in said if one["channel"] == "all"]
    assert {(one["purpose"], one["brand"], one["granted"]) for one in everything} == {
        ("all", "all", "false")
    }
    assert any(one["valid_until"] and _time(one["valid_until"]) < GO_LIVE for one in said)
    assert {one["confirmed"] for one in said if one["confirmed"]} == {"true", "false"}


def test_some_live_where_buying_is_a_soft_opt_in_and_have_bought(example: Example) -> None:
    abroad = {
        record.values["contact_id"]
        for record in example.of("crm.contacts")
        if record.values["country"] == "CA"
    }
    buyers = {record.values["contact_id"] for record in example.of("shop.orders")}
    assert abroad & buyers


def test_a_stop_is_ended_by_a_start_for_some(example: Example) -> None:
    status: dict[str, set[str]] = {}
    for record in example.of("messaging.receipts"):
        status.setdefault(record.values["address"], set()).add(record.values["status"])
    assert 0 < sum("started" in one for one in status.values()) < 12
    assert all("stopped" in one for one in status.values() if "started" in one)


def test_chats_of_every_kind_are_held_in_the_live_part(example: Example) -> None:
    live = [c for c in example.key["conversations"].values() if _time(c["started_at"]) >= GO_LIVE]
    assert {c["kind"] for c in live} == set(get_args(Kind))


def test_an_agent_takes_part_where_the_bot_hands_over_and_is_late_where_customers_wait(
    example: Example,
) -> None:
    for conversation_id, conversation in example.key["conversations"].items():
        said = _chat(example, conversation_id)
        handed_over = [r.values for r in said if r.values["intent"] == "handover"]
        agent = [r.values for r in said if r.values["author"] == "agent"]
        assert bool(handed_over) == (conversation["kind"] in {"handed_over", "kept_waiting"})
        if handed_over and agent:
            waited = _time(agent[0]["occurred_at"]) - _time(handed_over[0]["occurred_at"])
            assert (waited > timedelta(hours=1)) == (conversation["kind"] == "kept_waiting")


def test_who_bounces_sees_a_help_page_before_each_of_two_visits_to_a_bot_that_does_not_understand(
    example: Example,
) -> None:
    for conversation_id, _ in _conversations(example, "bounced"):
        visits = [_chat(example, conversation_id), _chat(example, conversation_id, again=True)]
        device = visits[0][0].values["anonymous_id"]
        pages = _help_pages(example, device)
        assert all("not_understood" in {r.values["intent"] for r in visit} for visit in visits)
        first, second = (visit[0].values["occurred_at"] for visit in visits)
        assert any(page < first for page in pages)
        assert any(visits[0][-1].values["occurred_at"] < page < second for page in pages)


def test_who_compares_in_the_live_part_stays_silent_unless_planned_to_go_on(
    example: Example,
) -> None:
    for kind, is_silent in (("compared", True), ("went_on", False)):
        live = [
            c
            for c in _conversations(example, kind)
            if _time(c[1]["started_at"]) > GO_LIVE - timedelta(days=2)
        ]
        assert len(live) == (9 if is_silent else 3)
        for conversation_id, conversation in live:
            names = set(example.key["persons"][conversation["person_id"]]["identifiers"])
            asked_at = _chat(example, conversation_id)[0].values["occurred_at"]
            seen = [
                event.values["occurred_at"]
                for event in _events(example, "product_view")
                if names & set(_identifiers(event)) and event.values["occurred_at"] > asked_at
            ]
            assert (not seen) == is_silent


def test_every_planned_shopper_is_present_as_often_as_planned(example: Example) -> None:
    found = Counter(shopper["habit"] for shopper in example.key["shoppers"].values())
    assert found == {habit.name: habit.count for habit in HABITS}


def test_a_planned_shopper_shows_the_card_at_the_planned_baskets_and_not_outside_of_the_habit(
    example: Example,
) -> None:
    habits = {habit.name: habit for habit in HABITS}
    for shopper in example.key["shoppers"].values():
        orders = [
            (order.values["ordered_at"], order.values["basket_id"])
            for order in example.of("shop.orders")
            if order.values["contact_id"] == shopper["contact_id"]
        ]
        habit, planned_at = habits[shopper["habit"]], _time(shopper["ordered_at"])
        planned = set(shopper["baskets"])
        assert planned <= {basket for _, basket in orders}
        others = [at for at, basket in orders if basket not in planned]
        assert not habit.is_first or all(at > planned_at for at in others)
        assert not habit.is_last or all(at < planned_at for at in others)


def test_a_planned_member_whose_renewal_is_due_has_the_date_in_the_crm(example: Example) -> None:
    until = {
        record.values["contact_id"]: record.values["member_until"]
        for record in example.of("crm.contacts")
    }
    assert sum(value != "" for value in until.values()) > 100
    for shopper in example.key["shoppers"].values():
        is_member = shopper["habit"] == "lapsed_member"
        assert until[shopper["contact_id"]] == ("2018-01-04" if is_member else "")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _normal(address: str) -> str:
    return address.strip().lower() if "@" in address else re.sub(r"\D", "", address)[-10:]


def _same(written: str | None, email: str | None) -> bool:
    return bool(written and email and _normal(written) == email)


def _key(record: Landed) -> object:
    return record.values[TABLES[record.table].key[0]]


def _quotes(example: Example, fate: str) -> list[tuple[str, Answer]]:
    found = [(q, quote) for q, quote in example.key["quotes"].items() if quote["fate"] == fate]
    assert found
    return found


def _events(example: Example, event: str) -> list[Landed]:
    return [record for record in example.of("web.events") if record.values["event"] == event]


def _submissions(example: Example, quote_id: str) -> list[Landed]:
    events = _events(example, "quote_submitted")
    return [event for event in events if event.values["properties"]["quote_id"] == quote_id]


def _by_device(example: Example, quote: Answer) -> list[dict[str, Any]]:
    events = [record.values for record in example.of("web.events")]
    return [event for event in events if event["anonymous_id"] == quote["anonymous_id"]]


def _slice_of(record: Landed) -> int:
    time = next(t for t in ("occurred_at", "updated_at", "ordered_at") if t in record.values)
    value = record.values[time]
    at = _time(value) if isinstance(value, str) else value
    return int((at - GO_LIVE) / timedelta(minutes=30)) + 1


def _closes_at(example: Example, record: Landed) -> datetime:
    if record.slice_number == 0:
        return GO_LIVE
    return _time(example.slices[record.slice_number - 1]["closes_at"])


def _decided_at(example: Example, quote: Answer) -> datetime:
    closing = (_time(piece["closes_at"]) for piece in example.slices)
    return next(at for at in closing if at >= _time(quote["due_at"]))


def _permissions(example: Example, quote: Answer, channel: str) -> dict[str, bool]:
    address = quote["email"] if channel == "email" else quote["phone"]
    said: dict[str, tuple[str, bool]] = {}
    for record in example.of("consent.statements"):
        values = record.values
        named = values["email"] or values["phone"]
        is_meant = (
            _normal(named) == _normal(address)
            if named
            else values["contact_id"] == quote["contact_id"]
        )
        if is_meant and values["channel"] == channel and values["stated_at"] < quote["due_at"]:
            earlier = said.get(values["purpose"], ("", False))
            now = (values["stated_at"], values["granted"] == "true")
            said[values["purpose"]] = max(earlier, now)
    return {purpose: granted for purpose, (_, granted) in said.items() if purpose in PURPOSES}


def _conversations(example: Example, kind: str) -> list[tuple[str, Answer]]:
    return [c for c in example.key["conversations"].items() if c[1]["kind"] == kind]


def _chat(example: Example, conversation_id: str, *, again: bool = False) -> list[Landed]:
    wanted = conversation_id.replace("t-", "t-2") if again else conversation_id
    found = {
        record.values["message_id"]: record
        for record in example.of("chat.messages")
        if record.values["conversation_id"] == wanted
    }
    return sorted(found.values(), key=lambda record: record.values["occurred_at"])


def _help_pages(example: Example, device: str) -> list[str]:
    return [
        event.values["occurred_at"]
        for event in _events(example, "page_view")
        if event.values["anonymous_id"] == device
        and event.values["properties"]["path"].startswith("/help/")
    ]


def _cases(example: Example, quote: Answer) -> list[Landed]:
    cases = example.of("service.cases")
    return [case for case in cases if case.values["contact_id"] == quote["contact_id"]]


def _case_statuses(example: Example, quote: Answer) -> list[str]:
    return [case.values["status"] for case in _cases(example, quote)]


def _identifiers(record: Landed) -> list[str]:
    values = record.values
    names = [
        f"{kind}:{values[column]}"
        for kind, column in (
            ("contact", "contact_id"),
            ("user", "user_id"),
            ("anonymous", "anonymous_id"),
        )
        if values.get(column)
    ]
    addresses = [values.get(column) for column in ("email", "phone", "address")]
    for address in addresses:
        if address:
            kind = "email" if "@" in address else "phone"
            prefix = "" if kind == "email" else "+1"
            names.append(f"{kind}:{prefix}{_normal(address)}")
    return names
