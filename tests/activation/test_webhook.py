import json
from datetime import UTC, datetime

import pytest
from claiming import claim_once
from loopback import NOON, SECRET, VARIABLES, config, task, text, web_environment
from standardwebhooks import Webhook, WebhookVerificationError

from activation.config import DEFAULT_FILE
from activation.destinations import webhook
from activation.exchange import Failure, HttpAnswer, Outgoing
from activation.templates import Templates


@pytest.fixture
def settings(tmp_path):
    configured = config(tmp_path, web_environment(9))
    return {name: configured.destination(name).settings for name in ("sms_gateway", "crm_tasks")}


@pytest.fixture
def outgoing(journal):
    def claim(handed):
        journal.hand_over([handed], checked_at=NOON)
        (one,) = claim_once(journal, handed.destination, 1, NOON)
        templates = Templates(DEFAULT_FILE.parent / "templates")
        return [Outgoing(one, templates.render(handed.template, VARIABLES))]

    return claim


def test_the_request_is_signed_under_the_message_id(outgoing, settings):
    at = datetime.now(UTC).replace(tzinfo=None)
    request = webhook.build(outgoing(text()), settings["sms_gateway"], at)
    assert request.headers["webhook-id"] == "s1"
    content = Webhook(SECRET).verify(request.content, dict(request.headers))
    assert content["data"]["to"] == "+15550100201"
    assert content["type"] == "message.send"


def test_a_changed_body_breaks_the_signature(outgoing, settings):
    at = datetime.now(UTC).replace(tzinfo=None)
    request = webhook.build(outgoing(text()), settings["sms_gateway"], at)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.content + b" ", dict(request.headers))


def test_the_body_is_the_same_at_every_try(outgoing, settings):
    batch = outgoing(text())
    first = webhook.build(batch, settings["sms_gateway"], NOON)
    later = webhook.build(batch, settings["sms_gateway"], datetime(2026, 3, 3))
    assert first.content == later.content
    assert first.headers["webhook-id"] == later.headers["webhook-id"]


def test_a_task_carries_context_and_a_text_carries_only_what_it_needs(outgoing, settings):
    task_body = json.loads(webhook.build(outgoing(task()), settings["crm_tasks"], NOON).content)[
        "data"
    ]
    text_body = json.loads(webhook.build(outgoing(text()), settings["sms_gateway"], NOON).content)[
        "data"
    ]
    assert task_body["context"]["quote_id"] == "Q-17"
    assert task_body["title"] == "Call Ann-Sophie about quote Q-17"
    assert "context" not in text_body
    assert "to" not in task_body


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (HttpAnswer(200), "accepted"),
        (HttpAnswer(202), "accepted"),
        (HttpAnswer(429), "throttled"),
        (HttpAnswer(410), "throttled"),
        (HttpAnswer(401), "throttled"),
        (HttpAnswer(403), "throttled"),
        (HttpAnswer(404), "throttled"),
        (HttpAnswer(400), "rejected"),
        (HttpAnswer(302), "rejected"),
        (HttpAnswer(408), "ambiguous"),
        (HttpAnswer(500), "ambiguous"),
        (HttpAnswer(503), "ambiguous"),
        (Failure("not_sent", "http ClientConnectorError"), "not_sent"),
        (Failure("ambiguous", "http TimeoutError"), "ambiguous"),
    ],
)
def test_the_verdict_follows_the_status(outgoing, response, outcome):
    (verdict,) = webhook.verdicts(response, outgoing(text()))
    assert verdict.outcome == outcome
    assert verdict.disable == (response in [HttpAnswer(one) for one in (401, 403, 404, 410)])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("1772452830", 30),
        ("1772452830000", 30),
        ("9" * 400, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 -0500", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("\N{SUPERSCRIPT TWO}", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert webhook.retry_after_seconds({"retry-after": value}, NOON) == seconds
