import json
from datetime import timedelta

import pytest
from batches import LINK, LINK_KEY, NOON, answer, change, mail, outcomes, settings_of
from exchanging import exchanged
from published import contract
from pydantic import ValidationError

from activation.destinations.sendgrid import contacts, suppressions
from activation.destinations.sendgrid import mail as mails
from activation.exchange import Failure, HttpRequest, Staged, Unsendable
from baton.errors import UsageError
from baton.journal.clock import wall_clock

CONTRACT = "sendgrid/mail_asm_contacts.subset.json"
BRANDS = {
    "default": {"domain": "shop.example", "sender": "hello@shop.example", "name": "Shop"},
    "garden": {"domain": "garden.example", "sender": "hi@garden.example", "name": "Garden"},
}
ACCESS = {"api_key": "SG.planted", "brands": BRANDS}
LINKS = {"public_url": "https://serve.example", "link_key": LINK_KEY}
GROUPS = json.dumps([{"id": 12, "name": "Offers", "description": "x"}])


def configured(**changes):
    return settings_of("sendgrid", **(ACCESS | changes)).settings


def built(item, **changes):
    return mails.build([item], configured(**changes), NOON)


def body(request):
    return json.loads(request.content)


def wrong(request, change_of):
    content = body(request)
    change_of(content)
    return HttpRequest(request.method, request.url, request.headers, json.dumps(content).encode())


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        (mail(), {}),
        (mail(link=LINK), LINKS | {"unsubscribe_group": 12}),
        (mail(brand="garden", parts={"subject": "s", "text": "t"}), {}),
    ],
)
def test_a_mail_conforms_to_the_published_contract(item, changes):
    contract(CONTRACT).accepts(built(item, **changes))


@pytest.mark.parametrize(
    "change_of",
    [
        lambda mail: mail["personalizations"][0].pop("to"),
        lambda mail: mail.pop("from"),
        lambda mail: mail.update(subject=""),
        lambda mail: mail.update(content=[{"type": "text/plain", "value": ""}]),
        lambda mail: mail.update(categories="a"),
        lambda mail: mail.update(custom_arguments={}),
        lambda mail: mail.update(asm={"group": 12}),
    ],
)
def test_a_wrong_mail_is_refused_by_the_same_contract(change_of):
    assert contract(CONTRACT).refuses(wrong(built(mail()), change_of))


def test_the_message_id_comes_back_with_receipts_and_is_the_message_id_of_the_mail():
    sent = body(built(mail(brand="garden")))
    (one,) = sent["personalizations"]
    assert one["to"] == [{"email": "ann@mail.example"}]
    assert one["custom_args"] == {"message_id": "m1"}
    assert one["headers"]["Message-ID"] == "<m1@garden.example>"
    assert sent["from"] == {"email": "hi@garden.example", "name": "Garden"}
    assert sent["categories"] == ["quote_stalled", "remind"]


def test_text_comes_before_html_and_no_link_of_sendgrid_replaces_ours():
    sent = body(built(mail()))
    assert [one["type"] for one in sent["content"]] == ["text/plain", "text/html"]
    assert sent["tracking_settings"]["subscription_tracking"] == {"enable": False}


def test_commercial_mail_carries_one_click_and_its_group_and_other_mail_neither():
    changes = LINKS | {"unsubscribe_group": 12, "unsubscribe_mailto": "stop@shop.example"}
    commercial = body(built(mail(link=LINK), **changes))
    (one,) = commercial["personalizations"]
    assert one["headers"]["List-Unsubscribe"] == (
        f"<{LINK}>, <mailto:stop@shop.example?subject=unsubscribe%20m1>"
    )
    assert one["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert commercial["asm"] == {"group_id": 12}
    other = body(built(mail(link=LINK, message_class="transactional"), **changes))
    assert list(other["personalizations"][0]["headers"]) == ["Message-ID"]
    assert "asm" not in other


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (mail(address="two@at@signs"), "address_not_usable"),
        (mail(address="a@b.example, c@d.example"), "address_not_usable"),
        (mail(address="é@b.example"), "address_needs_smtputf8"),
        (mail(parts={"text": "t"}), "template_has_no subject"),
        (mail(parts={"subject": "s", "html": "h"}), "template_has_no text"),
    ],
)
def test_what_cannot_be_sent_as_it_is_is_unsendable(item, why):
    with pytest.raises(Unsendable) as found:
        built(item)
    assert found.value.reason == why


def errors(status, field=None):
    return answer(status, json.dumps({"errors": [{"message": "ann@mail.example", "field": field}]}))


@pytest.mark.parametrize(
    ("response", "outcome", "reason"),
    [
        (answer(202), "accepted", "http 202"),
        (errors(400, "personalizations.0.to.0.email"), "bounced",
         "sendgrid personalizations.0.to.0.email"),
        (errors(400, "from.email"), "throttled", "sendgrid from.email"),
        (errors(400, "subject"), "rejected", "sendgrid subject"),
        (errors(400), "rejected", "http 400"),
        (answer(400, "no JSON"), "rejected", "http 400"),
        (errors(401), "throttled", "http 401"),
        (errors(413), "rejected", "http 413"),
        (errors(429), "throttled", "http 429"),
        (errors(500), "ambiguous", "http 500"),
        (Failure("ambiguous", "http TimeoutError"), "ambiguous", "http TimeoutError"),
    ],
)  # fmt: skip
def test_the_verdict_of_a_mail_follows_status_and_field(response, outcome, reason):
    assert outcomes(mails.verdicts(response, [mail()])) == [(outcome, reason)]


def test_a_wrong_key_or_sender_switches_off_and_a_429_tells_until_when():
    for response in (errors(401), errors(403), errors(400, "from.email")):
        assert mails.verdicts(response, [mail()])[0].disable
    until = wall_clock() + timedelta(seconds=30)
    epoch = (until - wall_clock().__class__(1970, 1, 1)).total_seconds()
    (slow,) = mails.verdicts(answer(429, x_ratelimit_reset=f"{epoch:.0f}"), [mail()])
    assert 25 < slow.retry_after <= 31
    (taken,) = mails.verdicts(answer(202, x_message_id="abc"), [mail()])
    assert taken.provider_id == "abc"


def put(*changes, **settings):
    return contacts.build(list(changes), configured(**settings), NOON)


def test_contacts_and_their_import_conform_to_the_published_contract():
    request = put(change(1, first_name="Ann", e1_T=7), change(2, city=None),
                  contact_lists=["5d0e4d9c-1c36-4d45-a1e5-0d2b5f1c7a10"])  # fmt: skip
    contract(CONTRACT).accepts(request)
    assert body(request)["contacts"] == [
        {"email": "ann1@mail.example", "first_name": "Ann", "custom_fields": {"e1_T": 7}},
        {"email": "ann2@mail.example", "city": ""},
    ]
    job = contacts.CALL.job
    contract(CONTRACT).accepts(job.build("job 1", configured()))


@pytest.mark.parametrize(
    "change_of",
    [
        lambda put: put.update(contacts=[]),
        lambda put: put["contacts"][0].pop("email"),
        lambda put: put["contacts"][0].update(firstname="Ann"),
        lambda put: put.update(list_ids="one"),
    ],
)
def test_wrong_contacts_are_refused_by_the_same_contract(change_of):
    assert contract(CONTRACT).refuses(wrong(put(change()), change_of))


def test_a_contact_that_cannot_be_sent_does_not_stop_the_others():
    batch = [change(1), change(2, op="remove"), change(3, email="nobody")]
    assert [one["email"] for one in body(put(*batch))["contacts"]] == ["ann1@mail.example"]
    told = {one.item_id: one.reason for one in contacts.verdicts(answer(202), batch)}
    assert told == {
        "row1": "http 202",
        "row2": "sendgrid deletes_no_contacts",
        "row3": "address_not_usable",
    }
    with pytest.raises(Unsendable):
        put(*batch[1:])


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (answer(200, '{"status": "pending"}'), None),
        (answer(200, "{}"), None),
        (answer(429), None),
        (answer(500), None),
        (Failure("ambiguous", "http reset"), None),
        (answer(200, '{"status": "completed"}'), [("accepted", "sendgrid completed")]),
        (answer(200, '{"status": "errored"}'), [("rejected", "sendgrid errored")]),
        (answer(200, '{"status": "failed"}'), [("rejected", "sendgrid failed")]),
    ],
)
def test_accepted_is_not_applied_until_the_import_says_so(response, told):
    verdicts = contacts.CALL.job.verdicts(response, [change()])
    assert (verdicts if verdicts is None else outcomes(verdicts)) == told


def test_the_job_is_read_from_the_answer():
    assert contacts.CALL.job.id_of(answer(202, '{"job_id": "j1"}')) == "j1"
    assert contacts.CALL.job.id_of(answer(202, "")) is None


def suppressed(batch, url="https://api.sendgrid.com", **settings):
    return suppressions.build(batch, configured(url=url, **settings), NOON)


def steps_of(request, *answers):
    """The requests of a chain, given the answers to all but the last."""
    found = []
    for given in answers:
        found.append(request.first)
        request = request.then(given)
    return [*found, request]


MIXED = [change(1), change(2, op="remove"), change(3), change(4, op="remove")]
BACK = change(2, op="remove")


def test_opt_outs_conform_to_the_published_contract():
    there = answer(200, GROUPS)
    added = steps_of(suppressed(MIXED, unsubscribe_group=12), there)
    removed = steps_of(suppressed([BACK], unsubscribe_group=12), there)
    assert [one.method for one in [*added, *removed]] == ["GET", "POST", "GET", "DELETE"]
    for request in [*added, *removed, suppressed(MIXED), suppressed([BACK])]:
        contract(CONTRACT).accepts(request)


def test_wrong_opt_outs_are_refused_by_the_same_contract():
    told = contract(CONTRACT)
    request = suppressed([change(1)])
    assert told.refuses(wrong(request, lambda one: one.pop("recipient_emails")))
    assert told.refuses(wrong(request, lambda one: one.update(recipient_emails="ann")))
    chain = steps_of(suppressed([change(1)], unsubscribe_group=12), answer(200, GROUPS))
    asked = chain[0]
    bad = HttpRequest("GET", asked.url.replace("id=12", "id=all"), asked.headers, b"")
    assert told.refuses(bad)
    assert told.refuses(wrong(chain[1], lambda one: one.update(emails=[])))


def test_opt_outs_go_to_the_group_that_is_there_and_removals_wait():
    exchange, seen = exchanged(
        lambda url: suppressed(MIXED, url, unsubscribe_group=12), (200, GROUPS), (201, b"{}")
    )
    assert [(method, path) for method, path, _ in seen] == [
        ("GET", "/v3/asm/groups?id=12"),
        ("POST", "/v3/asm/groups/12/suppressions"),
    ]
    added = {"recipient_emails": ["ann1@mail.example", "ann3@mail.example"]}
    assert json.loads(seen[1][2]) == added
    told = {one.item_id: one for one in suppressions.verdicts(exchange.response, MIXED)}
    waits = ("not_sent", "waits_for_its_own_request")
    assert outcomes([told[one.item_id] for one in MIXED]) == [("accepted", "http 201"), waits] * 2


def test_a_removal_takes_a_request_of_its_own():
    """A permit stands for one change of SendGrid, and for the look-up before it."""
    with pytest.raises(Unsendable, match="waits_for_its_own_request"):
        suppressed([BACK, change(4, op="remove")], unsubscribe_group=12)
    exchange, seen = exchanged(
        lambda url: suppressed([BACK], url, unsubscribe_group=12), (200, GROUPS), (404, b"{}")
    )
    assert seen[-1][:2] == ("DELETE", "/v3/asm/groups/12/suppressions/ann2@mail.example")
    assert outcomes(suppressions.verdicts(exchange.response, [BACK])) == [("accepted", "http 404")]
    assert suppressions.FACTS.limit.rate == 5


def test_mails_contacts_and_opt_outs_are_counted_apart():
    destination = settings_of("sendgrid", **ACCESS)
    accounts = [destination.account_of(one) for one in ("messages", "profiles", "suppressions")]
    assert len(set(accounts)) == 3


@pytest.mark.parametrize("groups", [(200, b"[]"), (200, b'[{"id": 13}]'), (404, b"{}")])
def test_nothing_is_written_to_a_group_that_is_gone(groups):
    """SendGrid would make it global, and no transactional mail would reach the address again."""
    exchange, seen = exchanged(
        lambda url: suppressed([change(1)], url, unsubscribe_group=12), groups
    )
    assert len(seen) == 1
    (verdict,) = suppressions.verdicts(exchange.response, [change(1)])
    assert (verdict.outcome, verdict.reason) == ("throttled", "sendgrid group_is_gone")
    assert verdict.disable
    assert exchange.sent_at is None


def test_an_opt_out_is_tried_again_when_a_step_fails():
    exchange, seen = exchanged(
        lambda url: suppressed(MIXED, url, unsubscribe_group=12), (200, GROUPS), (500, b"")
    )
    assert len(seen) == 2
    in_doubt = {"ambiguous", "not_sent"}
    assert {one.outcome for one in suppressions.verdicts(exchange.response, MIXED)} == in_doubt
    exchange, seen = exchanged(lambda url: suppressed(MIXED, url, unsubscribe_group=12), (503, b""))
    assert len(seen) == 1
    assert {one.outcome for one in suppressions.verdicts(exchange.response, MIXED)} == in_doubt


@pytest.mark.parametrize(
    ("response", "op", "outcome"),
    [
        (answer(201), "upsert", "accepted"),
        (answer(404), "upsert", "rejected"),
        (answer(404), "remove", "accepted"),
        (answer(429), "upsert", "throttled"),
        (answer(401), "upsert", "throttled"),
        (Failure("not_sent", "look_up http reset"), "upsert", "not_sent"),
    ],
)
def test_the_verdict_of_an_opt_out_follows_the_last_answer(response, op, outcome):
    (verdict,) = suppressions.verdicts(response, [change(1, op=op)])
    assert verdict.outcome == outcome


def test_without_a_group_opt_outs_are_global_and_removals_need_no_question():
    request = suppressed([change(1)])
    assert not isinstance(request, Staged)
    assert request.url.endswith("/v3/asm/suppressions/global")
    assert suppressed([change(1, op="remove")]).method == "DELETE"


@pytest.mark.parametrize(
    "changes",
    [
        {"brands": {"garden": BRANDS["garden"]}},
        {"public_url": "https://serve.example"},
        {"url": "http://api.example"},
        {"unsubscribe_group": 0},
    ],
)
def test_settings_that_cannot_work_are_told_at_once(changes):
    with pytest.raises((UsageError, ValidationError)):
        configured(**changes)


def test_key_and_addresses_show_in_no_repr():
    batch = [change(1)]
    shown = repr(configured()) + repr(built(mail())) + repr(batch) + repr(suppressed(batch))
    for planted in ("planted", "mail.example"):
        assert planted not in shown
