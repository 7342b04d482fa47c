import json

import pytest
from json_tool import (
    SECRET,
    JsonTool,
    change,
    destination,
    outcomes,
    outgoing,
    request_of,
    send,
)

from activation.exchange import Unsendable
from baton.errors import UsageError

TASK = {"title": "Call Ann-Sophie about quote Q-17", "text": "She asked for an oak kitchen."}


def salesforce(url="https://shop.my.salesforce.com", **settings):
    values = {
        "type": "salesforce",
        "url": url,
        "client_id": "client-1",
        "client_secret": SECRET,
        "external_id": "Baton_Id__c",
        "tasks": True,
        "timeout_seconds": 2.0,
    }
    return destination(values | settings)


class Org(JsonTool):
    """Hands out a token, and answers all else as the test says."""

    def __init__(self, answer):
        super().__init__(self._reply)
        self.answer = answer

    def _reply(self, got):
        if got.path == "/services/oauth2/token":
            return 200, {"access_token": "t1", "token_type": "Bearer"}
        return self.answer

    @property
    def asked(self):
        (one,) = [one for one in self.got if one.path != "/services/oauth2/token"]
        return one


def row(number, op="upsert", **fields):
    return change(number, op, Baton_Id__c=f"p{number}", **fields)


def failed(code):
    error = {"statusCode": code, "message": "ann1@mail.example is not valid", "fields": ["Email"]}
    return {"success": False, "errors": [error]}


def taken(record):
    return {"id": record, "success": True, "created": False, "errors": []}


def test_records_are_upserted_by_the_external_id_and_a_null_clears():
    with Org((200, [taken("003A")])) as org:
        (verdict,) = send(
            salesforce(org.url), "profiles", [row(1, LastName="Oak", Title=None)]
        ).values()
    assert org.asked.method == "PATCH"
    assert org.asked.path == "/services/data/v62.0/composite/sobjects/Contact/Baton_Id__c"
    assert org.asked.headers["authorization"] == "Bearer t1"
    assert org.asked.body == {
        "allOrNone": False,
        "records": [
            {
                "attributes": {"type": "Contact"},
                "Baton_Id__c": "p1",
                "LastName": "Oak",
                "Title": None,
            }
        ],
    }
    assert (verdict.outcome, verdict.provider_id) == ("accepted", "003A")


def test_each_record_has_its_own_result_in_their_order():
    batch = [row(0), row(1), row(2), change(3, LastName="Ash")]
    results = [taken("003A"), failed("REQUIRED_FIELD_MISSING"), failed("UNABLE_TO_LOCK_ROW")]
    with Org((200, results)) as org:
        verdicts = send(salesforce(org.url), "profiles", batch)
    assert outcomes(verdicts) == {
        "r0": "accepted",
        "r1": "rejected",
        "r2": "not_sent",
        "r3": "rejected",
    }
    assert verdicts["r1"].reason == "salesforce REQUIRED_FIELD_MISSING"
    assert verdicts["r3"].reason == "no_identifier"


def test_a_person_who_is_named_twice_waits_for_a_request_of_its_own():
    batch = [row(1, channel="email"), change(2, Baton_Id__c="p1", channel="phone")]
    with Org((200, [taken("003A")])) as org:
        verdicts = send(salesforce(org.url), "suppressions", batch)
    assert outcomes(verdicts) == {"r1": "accepted", "r2": "not_sent"}
    assert len(org.asked.body["records"]) == 1


def test_opt_outs_set_the_field_of_their_channel_and_newer_consent_takes_it_back():
    batch = [row(1), row(2, channel="phone"), row(3, "remove", channel="email")]
    records = json.loads(request_of(salesforce(), "suppressions", batch).content)["records"]
    typed = {"attributes": {"type": "Contact"}}
    assert records == [
        {**typed, "Baton_Id__c": "p1", "HasOptedOutOfEmail": True},
        {**typed, "Baton_Id__c": "p2", "DoNotCall": True},
        {**typed, "Baton_Id__c": "p3", "HasOptedOutOfEmail": False},
    ]


@pytest.mark.parametrize(
    ("purpose", "item", "reason"),
    [
        ("profiles", row(1, "remove"), "deletes_no_records"),
        ("profiles", row(1, HasOptedOutOfEmail=False), "consent_field HasOptedOutOfEmail"),
        ("profiles", row(1, No_Texts__c=False), "consent_field No_Texts__c"),
        ("suppressions", row(1, channel="letter"), "no_opt_out_field"),
        ("suppressions", change(email="a@mail.example"), "no_identifier"),
        ("messages", outgoing(parts={"text": "x"}), "template_has_no title"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_code(purpose, item, reason):
    to = salesforce(opt_outs={"email": "HasOptedOutOfEmail", "sms": "No_Texts__c"})
    with pytest.raises(Unsendable, match=reason):
        request_of(to, purpose, [item])


@pytest.mark.parametrize(
    ("answer", "outcome", "reason", "wait"),
    [
        ((403, "REQUEST_LIMIT_EXCEEDED"), "throttled", "salesforce REQUEST_LIMIT_EXCEEDED", 900),
        ((400, "UNABLE_TO_LOCK_ROW"), "not_sent", "salesforce UNABLE_TO_LOCK_ROW", None),
        ((400, "INVALID_FIELD"), "rejected", "salesforce INVALID_FIELD", None),
        ((400, "bad ann1@mail.example"), "rejected", "http 400", None),
        ((503, "SERVER_UNAVAILABLE"), "not_sent", "salesforce SERVER_UNAVAILABLE", None),
        ((500, None), "ambiguous", "http 500", None),
        ((200, None), "ambiguous", "salesforce results_do_not_fit", None),
        ("hang", "ambiguous", "http TimeoutError", None),
    ],
)
@pytest.mark.parametrize("purpose", ["profiles", "suppressions", "messages"])
def test_an_answer_for_the_whole_request_holds_for_every_item(
    purpose, answer, outcome, reason, wait
):
    item = outgoing(parts=TASK) if purpose == "messages" else row(1)
    if answer != "hang":
        status, code = answer
        answer = (status, [{"errorCode": code}] if code else [])
    with Org(answer) as org:
        (verdict,) = send(salesforce(org.url), purpose, [item]).values()
    assert (verdict.outcome, verdict.reason, verdict.retry_after) == (outcome, reason, wait)


@pytest.mark.parametrize("status", [401, 403])
def test_an_app_without_rights_switches_the_destination_off(status):
    with Org((status, [{"errorCode": "INSUFFICIENT_ACCESS"}])) as org:
        (verdict,) = send(salesforce(org.url), "profiles", [row(1)]).values()
    assert (verdict.outcome, verdict.disable) == ("throttled", True)


def test_a_task_by_its_own_external_id_is_the_same_task_at_every_try():
    item = outgoing(parts=TASK, variables={"contact": "003A"})
    with Org((200, [taken("00T1")])) as org:
        to = salesforce(org.url, task_id="Baton_Message__c", user_id="contact", owner_id="005X")
        (verdict,) = send(to, "messages", [item]).values()
    assert to.call("messages").facts.retry_class == "U"
    assert org.asked.path.endswith("/composite/sobjects/Task/Baton_Message__c")
    (task,) = org.asked.body["records"]
    assert task == {
        "attributes": {"type": "Task"},
        "Subject": TASK["title"],
        "Description": TASK["text"],
        "WhoId": "003A",
        "OwnerId": "005X",
        "Baton_Message__c": "m1",
    }
    assert (verdict.outcome, verdict.provider_id) == ("accepted", "00T1")


def test_a_task_without_one_is_created_and_may_not_be_sent_again_blindly():
    to = salesforce()
    request = request_of(to, "messages", [outgoing(parts=TASK)])
    assert to.call("messages").facts.retry_class == "X"
    assert (request.method, request.url.rpartition("/")[2]) == ("POST", "sobjects")


def test_settings_name_fields_and_nothing_else():
    with pytest.raises(UsageError, match="external_id"):
        salesforce(external_id="Id/../x")
    with pytest.raises(UsageError, match="https"):
        salesforce("http://shop.my.salesforce.com")
    assert "messages" not in salesforce(tasks=False).calls


def test_no_secret_is_shown():
    to = salesforce()
    shown = repr((to.settings, request_of(to, "profiles", [row(1, LastName="Oak")])))
    assert SECRET not in shown
    assert "Oak" not in shown
