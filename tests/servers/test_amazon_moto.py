"""Mails by SES and texts by SNS against moto, which checks every signature and every sender."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from between import Between
from running_servers import configured, free_port, hand_over, tell

from activation import send
from activation.exchange import Change

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
SECRET = "planted-secret"
REGION = "eu-central-1"
MAIL_PATH = "/v2/email/outbound-emails"
UNSIGNED = 5
"""How many calls moto takes unsigned: those that make the user, the sender and the list."""


class Amazon:
    """The account as its owner sees it."""

    def __init__(self, url):
        self.url = url
        every = (
            '{"Version": "2012-10-17",'
            ' "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        )
        user = {"UserName": "baton"}
        self._call("iam", Action="CreateUser", **user)
        self._call("iam", Action="PutUserPolicy", PolicyName="all", PolicyDocument=every, **user)
        made = self._call("iam", Action="CreateAccessKey", **user)
        self.key, self.secret = _of(made, "AccessKeyId"), _of(made, "SecretAccessKey")
        self._call("ses", Action="VerifyDomainIdentity", Domain="shop.example")
        self._call("ses", "/v2/email/contact-lists", json={"ContactListName": "shop"})

    def _call(self, service, path="/", json=None, **fields):
        scope = f"AKIAOWNER/20260101/{REGION}/{service}/aws4_request"
        head = {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"}
        answer = httpx.post(
            self.url + path, json=json, data=fields or None, headers=head, timeout=20
        )
        return answer.raise_for_status().text

    def held(self, service, kind):
        """What the account holds of a kind, by moto's own window into itself."""
        content = httpx.get(f"{self.url}/moto-api/data.json", timeout=20).json()
        return content[service][kind]

    def mails(self, number):
        """The mails to one address, whole."""
        rows = self.held("ses", "RawMessage")
        return [one["raw_data"] for one in rows if set(one["destinations"]) == {address(number)}]

    def texts(self, number):
        """The texts to one number."""
        rows = self.held("sns", "SMS")
        return [one["message"] for one in rows if one["phone_number"] == phone(number)]


def _of(text_, tag):
    return text_.split(f"<{tag}>")[1].split(f"</{tag}>")[0]


def address(number):
    return f"ann{number}@mail.example"


def phone(number):
    return f"+1555010{number:04}"


@pytest.fixture(scope="module")
def amazon(installed, tmp_path_factory):
    home, port = tmp_path_factory.mktemp("amazon"), free_port()
    command, url = ("moto_server", "-H", "127.0.0.1", "-p", port), f"http://127.0.0.1:{port}"
    signs = {"INITIAL_NO_AUTH_ACTION_COUNT": str(UNSIGNED)}
    with installed.start(*command, cwd=home, ready=f"{url}/moto-api/", **signs):
        yield Amazon(url)


@contextmanager
def losing(environment, path):
    """The environment behind a proxy that loses the answer to the next request."""
    with Between(environment["AMAZON_URL"], keeps_host=True) as proxy:
        proxy.lose("POST", path)
        yield {**environment, "AMAZON_URL": proxy.url}


@pytest.fixture
def environment(amazon):
    return {
        "AMAZON_URL": amazon.url,
        "AWS_ACCESS_KEY_ID": amazon.key,
        "AWS_SECRET_ACCESS_KEY": amazon.secret,
    }


def mail(number, **changes):
    own = {
        "destination": "amazon_mail",
        "channel": "email",
        "contact_point_id": f"cp{number}",
        "address_node_id": f"email-{number}",
        "address": address(number),
        "message_class": "marketing",
        "template": "quote_reminder",
        "action": "remind",
    }
    given = own | changes
    return hand_over(number, given.pop("destination"), **given)


def text(number, **changes):
    own = {
        "destination": "amazon_texts",
        "channel": "sms",
        "address": phone(number),
        "template": "quote_reminder_sms",
    }
    return mail(number, **(own | changes))


def arrived(amazon, message):
    """How often a message has reached the account."""
    number = int(message.message_id.removeprefix("msg-"))
    return len(amazon.mails(number) + amazon.texts(number))


def sent(journal, environment, *messages):
    """The states that sending leads to, after another hand-over."""
    journal.hand_over(messages, checked_at=journal.now())
    return send(journal, configured("amazon", environment), now=journal.now).states


def test_a_mail_and_a_text_arrive_signed_and_under_amazons_own_id(amazon, journal, environment):
    assert sent(journal, environment, mail(1), text(2)) == {"accepted": 2}
    (whole,) = amazon.mails(1)
    assert "List-Unsubscribe: <https://serve.example/u/" in whole
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in whole
    (message,) = amazon.texts(2)
    assert "Oak & <Ash> kitchen" in message
    (of_mail,), (of_text,) = journal.attempts("msg-1"), journal.attempts("msg-2")
    assert of_mail["provider_id"] in str(amazon.held("ses", "RawMessage"))
    assert of_text["provider_id"] in str(amazon.held("sns", "SMS"))


@pytest.mark.parametrize("message", [mail(11), text(12)], ids=["mail", "text"])
def test_a_wrong_secret_switches_off_and_loses_nothing(amazon, journal, environment, message):
    wrong, started_at = {**environment, "AWS_SECRET_ACCESS_KEY": SECRET}, journal.now()
    journal.set_simulated_time(started_at)
    assert sent(journal, wrong, message) == {"retry": 1}
    assert [one.value for one in journal.switches()] == [message.destination]
    assert arrived(amazon, message) == 0
    assert SECRET not in str(journal.attempts(message.message_id))
    journal.resume("destination", message.destination, reason="mended", by="Ada")
    journal.set_simulated_time(started_at + timedelta(minutes=5))
    assert sent(journal, environment) == {"accepted": 1}
    assert arrived(amazon, message) == 1


def test_a_mail_of_a_sender_that_is_not_verified_is_refused(amazon, journal, environment):
    assert sent(journal, environment, mail(21, brand="stranger")) == {"dead": 1}
    (attempt,) = journal.attempts("msg-21")
    assert (attempt["reason"], amazon.mails(21)) == ("ses MessageRejected", [])


@pytest.mark.parametrize(
    ("message", "path"), [(mail(31), MAIL_PATH), (text(32), "/")], ids=["mail", "text"]
)
def test_marketing_whose_answer_is_lost_goes_out_once_and_stays_unknown(
    amazon, journal, environment, message, path
):
    with losing(environment, path) as lossy:
        assert sent(journal, lossy, message) == {"unknown": 1}
    assert sent(journal, environment) == {}
    assert arrived(amazon, message) == 1


def test_a_service_mail_whose_answer_is_lost_is_sent_again(amazon, journal, environment):
    message, started_at = mail(41, message_class="service"), journal.now()
    journal.set_simulated_time(started_at)
    with losing(environment, MAIL_PATH) as lossy:
        assert sent(journal, lossy, message) == {"retry": 1}
    journal.set_simulated_time(started_at + timedelta(minutes=5))
    assert sent(journal, environment) == {"accepted": 1}
    assert arrived(amazon, message) == 2


def test_a_part_of_aws_that_has_no_module_is_told_by_signed_requests(amazon, environment):
    row = Change(address(51), "upsert", {"unsubscribed": True})
    told = configured("amazon", environment).destination("amazon_contacts")
    (verdict,) = tell(told, "profiles", row)
    assert verdict.outcome == "accepted"
    (contact,) = amazon.held("ses", "Contact")
    assert (contact["email_address"], contact["unsubscribe_all"]) == (address(51), True)
    wrong = {**environment, "AWS_SECRET_ACCESS_KEY": SECRET}
    told = configured("amazon", wrong).destination("amazon_contacts")
    (verdict,) = tell(told, "profiles", replace(row, item_id=address(52)))
    assert (verdict.outcome, verdict.disable) == ("throttled", True)
    assert len(amazon.held("ses", "Contact")) == 1
