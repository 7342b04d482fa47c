"""Tools that can forget somebody are told to, one identifier a request."""

import asyncio
import json
from dataclasses import replace

import pytest
from hubspot.crm import contacts
from json_tool import SECRET, JsonTool, destination, outgoing
from published import contract

from activation import DestinationsConfig
from activation.erasing import tool_orders
from activation.exchange import HttpAnswer, Staged, Unsendable
from activation.transports import open_transports
from baton.errors import UsageError
from baton.journal import Journal
from baton.tombstones import Identifier

EMAIL, PHONE = "ann@mail.example", "+15550100201"
BRAZE = {"type": "braze", "url": "https://rest.fra-02.braze.eu", "api_key": SECRET}
INTERCOM = {"type": "intercom", "token": SECRET}
KLAVIYO = {"type": "klaviyo", "api_key": SECRET}
HUBSPOT = {"type": "hubspot", "token": SECRET}
SENDGRID = {
    "type": "sendgrid",
    "api_key": SECRET,
    "brands": {"default": {"domain": "shop.example", "sender": "hi@shop.example", "name": "Shop"}},
}
HTTP = {
    "type": "http",
    "base_url": "https://desk.example",
    "limit": {"rate": 10, "per_seconds": 1},
    "erasures": {
        "retry_class": "U",
        "request": {
            "method": "DELETE",
            "url": "/people?{{ variables.identifier }}={{ address }}",
        },
        "answer": {"accepted": ["2xx", 404]},
    },
}


def about(kind, value=EMAIL):
    return outgoing(address=value, variables={"identifier": kind}, template=None, parts={})


def call(settings, item):
    to = destination({**settings, "timeout_seconds": 2.0})
    return to.call("erasures").build([item], to.settings, item.message.handed_at)


def told(settings, kind, *answers, value=EMAIL):
    """What a tool on loopback is asked, and the verdict."""
    with JsonTool(*answers) as tool:
        url = "base_url" if settings["type"] == "http" else "url"
        to = destination({**settings, url: tool.url, "timeout_seconds": 2.0})
        item = about(kind, value)
        request = to.call("erasures").build([item], to.settings, item.message.handed_at)
        response = asyncio.run(exchanged(request))
        (verdict,) = to.call("erasures").verdicts(response, [item])
    asked = [(one.method, one.path, one.query or one.body) for one in tool.got]
    return asked, verdict.outcome


async def exchanged(request):
    async with open_transports() as transports:
        return (await transports.exchange(request)).response


def test_braze_deletes_by_external_id_and_by_address():
    asked, outcome = told(BRAZE, "external_id", (201, {"deleted": 1}), value="p1")
    assert asked == [("POST", "/users/delete", {"external_ids": ["p1"]})]
    assert outcome == "accepted"
    asked, _ = told(BRAZE, "email", (201, {"deleted": 1}))
    ((_, _, body),) = asked
    assert body["email_addresses"][0]["email"] == EMAIL
    with pytest.raises(Unsendable):
        call(BRAZE, about("phone", PHONE))


def test_klaviyo_is_asked_for_a_deletion_by_one_identifier():
    asked, outcome = told(KLAVIYO, "phone", (202, None), value=PHONE)
    ((method, path, body),) = asked
    assert (method, path, outcome) == ("POST", "/api/data-privacy-deletion-jobs", "accepted")
    profile = {"type": "profile", "attributes": {"phone_number": PHONE}}
    assert body["data"]["attributes"] == {"profile": {"data": profile}}


def test_hubspot_deletes_for_good_by_address_or_by_its_own_id():
    asked, outcome = told(HUBSPOT, "email", (204, None))
    ((method, path, body),) = asked
    assert (method, path) == ("POST", "/crm/v3/objects/contacts/gdpr-delete")
    assert outcome == "accepted"
    known = contacts.PublicGdprDeleteInput(object_id=EMAIL, id_property="email")
    assert body == {known.attribute_map[name]: value for name, value in known.to_dict().items()}
    (((_, _, body),), _) = told(HUBSPOT, "tool_id", (204, None), value="801")
    assert body == {"objectId": "801"}


def test_intercom_deletes_everybody_whom_a_search_finds():
    found = {"type": "list", "data": [{"id": "c1"}, {"id": "c2"}]}
    asked, outcome = told(INTERCOM, "email", (200, found), (200, {"deleted": True}))
    assert [(method, path) for method, path, _ in asked] == [
        ("POST", "/contacts/search"),
        ("DELETE", "/contacts/c1"),
        ("DELETE", "/contacts/c2"),
    ]
    assert asked[0][2] == {"query": {"field": "email", "operator": "=", "value": EMAIL}}
    assert outcome == "accepted"


def test_intercom_deletes_the_contact_whose_id_is_known():
    asked, _ = told(INTERCOM, "tool_id", (200, {"deleted": True}), value="6762")
    assert [(method, path) for method, path, _ in asked] == [("DELETE", "/contacts/6762")]


def test_sendgrid_deletes_the_contact_that_has_the_address():
    found = {"result": {EMAIL: {"contact": {"id": "abc", "email": EMAIL}}}}
    asked, outcome = told(SENDGRID, "email", (200, found), (202, {"job_id": "j1"}))
    assert asked == [
        ("POST", "/v3/marketing/contacts/search/emails", {"emails": [EMAIL]}),
        ("DELETE", "/v3/marketing/contacts", {"ids": "abc"}),
    ]
    assert outcome == "accepted"


@pytest.mark.parametrize(
    ("settings", "kind", "answer"),
    [
        (BRAZE, "email", (404, {})),
        (INTERCOM, "email", (200, {"type": "list", "data": []})),
        (INTERCOM, "tool_id", (404, {})),
        (SENDGRID, "email", (404, {})),
        (SENDGRID, "email", (200, {"result": {}})),
        (HTTP, "email", (404, {})),
    ],
)
def test_who_is_not_there_is_erased(settings, kind, answer):
    asked, outcome = told(settings, kind, answer)
    assert (len(asked), outcome) == (1, "accepted")


@pytest.mark.parametrize("settings", [BRAZE, KLAVIYO, HUBSPOT, INTERCOM, SENDGRID, HTTP])
def test_what_is_in_doubt_is_asked_again_and_a_refusal_is_one(settings):
    assert told(settings, "email", (503, {}))[1] in ("ambiguous", "not_sent")
    assert told(settings, "email", (429, {}))[1] in ("throttled", "not_sent")
    assert told(settings, "email", (400, {}))[1] in ("rejected", "not_sent")


def test_any_tool_is_connected_by_configuration():
    asked, outcome = told(HTTP, "external_id", (204, None), value="p 1")
    assert asked == [("DELETE", "/people", {"external_id": "p 1"})]
    assert outcome == "accepted"


def test_requests_conform_to_the_published_contracts():
    braze = contract("braze/core.subset.json", is_closed=False)
    braze.accepts(call(BRAZE, about("external_id", "p1")))
    search = call(INTERCOM, about("email"))
    assert isinstance(search, Staged)
    intercom = contract("intercom/core_2.14.subset.json")
    intercom.accepts(search.first)
    answer = HttpAnswer(200, content=json.dumps({"data": [{"id": "c1"}]}).encode())
    intercom.accepts(search.then(answer))
    found = {"result": {EMAIL: {"contact": {"id": "abc"}}}}
    deletion = call(SENDGRID, about("email")).then(
        HttpAnswer(200, content=json.dumps(found).encode())
    )
    contract("sendgrid/mail_asm_contacts.subset.json").accepts(deletion)


def test_a_wrong_deletion_is_refused_by_a_published_contract():
    request = call(BRAZE, about("external_id", "p1"))
    wrong = replace(request, content=json.dumps({"external_ids": "p1"}).encode())
    contract("braze/core.subset.json", is_closed=False).refuses(wrong)


def test_each_tool_is_called_by_what_it_knows_and_others_are_left_to_people(tmp_path):
    raw = {
        "crm": HUBSPOT,
        "push": BRAZE,
        "desk": HTTP,
        "gateway": {"type": "webhook", "url": "https://sms.example", "secret": "${NOT_SET}"},
        "unused": {"type": "webhook", "url": "https://x.example", "secret": "${NOT_SET}"},
    }
    config = DestinationsConfig(None, 15, raw, {})
    values = [Identifier("email", EMAIL), Identifier("crm_contact", "c-1"),
              Identifier("anonymous", "a-1")]  # fmt: skip
    with Journal.open(tmp_path / "j.db") as journal:
        orders = tool_orders(
            config, [], journal.syncs, told=["gateway"], person_ids=["p1"],
            identifiers=values, keys=[],
        )  # fmt: skip
    assert {one.tool: (one.way, [i.value for i in one.identifiers]) for one in orders} == {
        "crm": ("call", [EMAIL]),
        "push": ("call", ["p1", "c-1", EMAIL]),
        "desk": ("call", ["p1", "c-1", EMAIL]),
        "gateway": ("by_hand", []),
    }


def test_the_calls_of_a_tool_count_against_its_account():
    config = DestinationsConfig(
        None, 15, {"push": {**BRAZE, "account": "main"}, "crm": HUBSPOT}, {}
    )
    assert config.destination("push/erasures").account_of("messages") == "main/users"
    assert config.destination("crm/erasures").account_of("messages") == "crm"
    with pytest.raises(UsageError):
        config.destination("nobody/erasures")
