import pytest
from claiming import claim_once
from landed import rows, told
from providers import NOW, PUBLIC, config, status, text, word

from activation.destinations.receiver import Call
from activation.destinations.twilio import receipts
from baton.journal import AddressBlock

ANN = "+15550100201"
BOUNCE, STOP = ("sms", "bounce", None), ("sms", "stop", None)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (status("delivered"), ("delivered", [], "delivered")),
        (status("read"), ("opened", [], "accepted")),
        (status("undelivered", ErrorCode="30005"), ("bounced", [BOUNCE], "bounced")),
        (status("failed", ErrorCode="21610"), ("stopped", [STOP], "accepted")),
        (status("undelivered", ErrorCode="30007"), ("failed", [], "accepted")),
        (status("failed"), ("failed", [], "accepted")),
    ],
)
def test_a_status_is_in_the_journal_and_landed_when_it_is_answered(
    receiving, accept, form, expected
):
    journal, landing, calls, blocks = receiving
    accept(text())
    answer = calls.texts(form, "?message_id=m1")
    assert (answer.status_code, answer.text) == (200, "<Response></Response>")
    assert answer.headers["content-type"].startswith("text/xml")
    row_status, blocked, state = expected
    assert blocks() == blocked
    assert journal.message("m1")["state"] == state
    assert told(landing) == [(f"texts:SM1:{form['MessageStatus']}", "m1", ANN, row_status)]
    assert rows(landing)[0]["reason"].startswith("twilio ")


@pytest.mark.parametrize("kind", ["accepted", "queued", "sending", "sent", "canceled"])
def test_a_status_on_the_way_says_nothing_of_use(landing, calls, kind):
    assert calls.texts(status(kind), "?message_id=m1").status_code == 200
    assert told(landing) == []


@pytest.mark.parametrize("body", ["STOP", " stop ", "Stopall", "UNSUBSCRIBE", "cancel", "OPTOUT"])
def test_stop_blocks_the_address_before_the_answer_and_lands(receiving, body):
    journal, landing, calls, blocks = receiving
    assert calls.texts(word(body)).status_code == 200
    assert blocks() == [STOP]
    assert told(landing) == [("texts:SM9", None, ANN, "stopped")]
    journal.hand_over([text(message_class="transactional", consent_at=None)], checked_at=NOW)
    assert claim_once(journal, "texts", 1, NOW) == []


def test_the_word_that_twilio_understood_counts_whatever_the_language(calls, blocks):
    calls.texts(word("ARRET", OptOutType="STOP"))
    assert blocks() == [STOP]


@pytest.mark.parametrize("body", ["please stop writing", "help", "INFO", "What does it cost?", ""])
def test_other_texts_and_help_change_nothing(landing, calls, blocks, body):
    assert calls.texts(word(body)).status_code == 200
    assert (told(landing), blocks()) == ([], [])


def test_start_lands_and_is_left_to_the_batch_to_weigh(landing, calls, blocks):
    calls.texts(word("START"))
    assert told(landing) == [("texts:SM9", None, ANN, "started")]
    assert blocks() == []


def test_a_stop_that_comes_again_does_not_undo_a_start_after_it(journal, landing, calls, blocks):
    calls.texts(word("STOP"))
    later = NOW.replace(hour=13)
    journal.set_simulated_time(later)
    end = AddressBlock("sms", ANN, None, None, "end_of_stop", later, "test")
    journal.block_addresses([end])
    journal.set_simulated_time(NOW.replace(hour=14))
    calls.texts(word("STOP"))
    assert blocks() == [STOP, ("sms", "end_of_stop", None)]
    assert len(rows(landing)) == 1


def test_a_whatsapp_number_is_its_own_channel(landing, calls):
    calls.texts(word("STOP", From=f"whatsapp:{ANN}"))
    assert [(row["channel"], row["address"]) for row in rows(landing)] == [("whatsapp", ANN)]


@pytest.mark.parametrize(
    "form",
    [
        word("STOP", From="nobody"),
        word("STOP", MessageSid=""),
        status("delivered", To=""),
        {"Body": "STOP", "From": ANN},
    ],
)
def test_what_names_no_number_or_message_is_kept_for_quarantine(landing, calls, blocks, form):
    assert calls.texts(form).status_code == 200
    assert [row["received"] for row in rows(landing)] == [form]
    assert blocks() == []


def test_what_is_not_signed_with_the_token_over_the_public_url_changes_nothing(
    landing, calls, blocks
):
    elsewhere = type(calls)(calls.client, public="https://other.example")
    answers = [
        calls.texts(word("STOP"), token="another"),
        calls.texts(word("STOP"), **{"X-Twilio-Signature": ""}),
        calls.texts(word("STOP"), **{"X-Twilio-Signature": "AAAA"}),
        elsewhere.texts(word("STOP")),
        calls.client.post("/receipts/texts", data=word("STOP")),
        calls.client.post("/receipts/texts", content=b"\xff\xfe=1"),
        calls.client.post("/receipts/texts", content=b"&".join([b"a=1"] * 5000)),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert (told(landing), blocks()) == ([], [])


def test_a_query_that_was_added_on_the_way_breaks_the_signature(calls, landing):
    signed = calls.texts(status("delivered"), "?message_id=m1").request
    path = "/receipts/texts?message_id=m2"
    forged = calls.client.post(path, content=signed.content, headers=signed.headers)
    assert forged.status_code == 403
    assert [row["message_id"] for row in rows(landing)] == ["m1"]


@pytest.mark.parametrize("public", [PUBLIC, f"{PUBLIC}:443", "https://user@serve.example"])
def test_the_port_may_stand_in_what_was_signed_or_not(calls, public):
    if "@" in public:
        assert type(calls)(calls.client, public).texts(word("hello")).status_code == 403
    else:
        assert type(calls)(calls.client, public).texts(word("hello")).status_code == 200


def test_the_vendors_published_example_of_a_signature_holds():
    settings = (
        config()
        .destination("texts")
        .settings.model_copy(
            update={"auth_token": type(config().destination("texts").settings.auth_token)("12345")}
        )
    )
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    body = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234"
        b"&From=%2B12349013030&To=%2B18005551212"
    )
    headers = {"x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}
    assert receipts.is_genuine(Call("texts", url, headers, body, NOW), settings)
    assert not receipts.is_genuine(Call("texts", url + "1", headers, body, NOW), settings)
