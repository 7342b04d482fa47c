import json

import pytest
from batches import NOON, answer, outcomes, settings_of, task
from published import contract
from pydantic import ValidationError

from activation.destinations import slack
from activation.exchange import Failure, HttpRequest, Unsendable
from baton.errors import UsageError

ACCESS = {"token": "xoxb-planted", "channels": {"default": "C1", "call": "C2", "garden": "C3"}}
CONTRACT = "slack/chat.subset.json"


def configured(**changes):
    return settings_of("slack", **(ACCESS | changes)).settings


def published():
    """The token goes as Bearer now; the contract of 2021 has it as a header of its own."""
    return contract(CONTRACT, without_headers={"token"})


def built(item):
    return slack.build([item], configured(), NOON)


def test_a_message_conforms_to_the_published_contract():
    published().accepts(built(task()))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.pop("channel"),
        lambda body: body.update(txt=body.pop("text")),
        lambda body: body.update(unfurl_links="no"),
    ],
)
def test_a_wrong_message_is_refused_by_the_same_contract(change):
    good = built(task())
    body = json.loads(good.content)
    change(body)
    bad = HttpRequest("POST", good.url, good.headers, json.dumps(body).encode())
    assert published().refuses(bad)


def test_title_and_text_name_the_message_and_mention_nobody():
    body = json.loads(built(task("Call <!channel>", "A & B\n<@U1>")).content)
    assert body["text"] == "*Call &lt;!channel&gt;*\nA &amp; B\n&lt;@U1&gt;\n`m1`"
    assert body["unfurl_links"] is False


@pytest.mark.parametrize(
    ("item", "channel"),
    [
        (task(), "C1"),
        (task(action="call"), "C2"),
        (task(brand="garden"), "C3"),
        (task(action="call", brand="garden"), "C2"),
    ],
)
def test_the_channel_follows_the_action_then_the_brand(item, channel):
    assert json.loads(built(item).content)["channel"] == channel


def test_a_template_without_a_title_is_unsendable():
    with pytest.raises(Unsendable, match="title"):
        built(type(task())(task().message, {"text": "x"}))


def failed(error):
    return answer(200, json.dumps({"ok": False, "error": error}))


@pytest.mark.parametrize(
    ("response", "outcome", "reason"),
    [
        (answer(200, '{"ok": true, "ts": "1.2", "channel": "C1"}'), "accepted", "slack ok"),
        (failed("msg_too_long"), "rejected", "slack msg_too_long"),
        (failed("ratelimited"), "throttled", "slack ratelimited"),
        (failed("rate_limited"), "throttled", "slack rate_limited"),
        (failed("channel_not_found"), "throttled", "slack channel_not_found"),
        (failed("invalid_auth"), "throttled", "slack invalid_auth"),
        (failed("internal_error"), "ambiguous", "slack internal_error"),
        (failed("no such thing: ann@mail.example"), "rejected", "slack error_without_a_code"),
        (answer(200, "<html>"), "ambiguous", "slack answer_not_understood"),
        (answer(200, "{}"), "ambiguous", "slack answer_not_understood"),
        (answer(429, retry_after="30"), "throttled", "http 429"),
        (answer(503), "ambiguous", "http 503"),
        (Failure("not_sent", "http refused"), "not_sent", "http refused"),
    ],
)
def test_the_verdict_follows_what_is_said_inside_of_a_200(response, outcome, reason):
    assert outcomes(slack.verdicts(response, [task()])) == [(outcome, reason)]


def test_a_wrong_token_or_channel_switches_off_and_a_429_says_how_long():
    (wrong,) = slack.verdicts(failed("not_in_channel"), [task()])
    (refused,) = slack.verdicts(failed("no_text"), [task()])
    (slow,) = slack.verdicts(answer(429, retry_after="30"), [task()])
    assert (wrong.disable, refused.disable, slow.disable) == (True, False, False)
    assert slow.retry_after == 30


def test_settings_need_a_default_channel():
    with pytest.raises((UsageError, ValidationError)):
        configured(channels={"call": "C2"})


def test_the_token_shows_in_no_repr():
    assert "planted" not in repr(configured()) + repr(built(task()))
