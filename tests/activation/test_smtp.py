from email import message_from_bytes
from email.policy import default

import pytest
from claiming import claim_once
from loopback import NOON, VARIABLES, config, mail, mail_environment

from activation.config import DEFAULT_FILE
from activation.destinations import smtp
from activation.exchange import Failure, MailAnswer, Outgoing, Unsendable
from activation.templates import Templates


@pytest.fixture
def settings(tmp_path):
    return config(tmp_path, mail_environment(25)).destination("shop_mail").settings


@pytest.fixture
def outgoing(journal):
    def claim(**changes):
        journal.hand_over([mail(**changes)], checked_at=NOON)
        (one,) = claim_once(journal, "shop_mail", 1, NOON)
        templates = Templates(DEFAULT_FILE.parent / "templates")
        return [Outgoing(one, templates.render("quote_reminder", VARIABLES))]

    return claim


def built(batch, settings):
    return message_from_bytes(smtp.build(batch, settings, NOON).content, policy=default)


def test_the_message_id_is_the_message_at_the_brands_domain(outgoing, settings):
    message = built(outgoing(), settings)
    assert message["Message-ID"] == "<m1@shop.example>"
    assert message["To"] == "ann1@mail.example"
    assert message["From"] == "Shop <hello@shop.example>"
    assert message["Date"].datetime.replace(tzinfo=None) == NOON


def test_a_brand_of_its_own_sends_in_its_own_name(tmp_path, outgoing):
    brand = {"domain": "garden.example", "sender": "hi@garden.example", "name": "Garden"}
    brands = {"default": brand | {"domain": "shop.example"}, "garden": brand}
    changed = config(tmp_path, mail_environment(25), shop_mail={"brands": brands})
    message = built(outgoing(brand="garden"), changed.destination("shop_mail").settings)
    assert message["Message-ID"] == "<m1@garden.example>"


def test_a_brand_name_with_a_comma_is_one_sender(tmp_path, outgoing):
    brand = {"domain": "s.example", "sender": "hi@s.example", "name": "Oak, Ash <and> Co"}
    changed = config(tmp_path, mail_environment(25), shop_mail={"brands": {"default": brand}})
    message = built(outgoing(), changed.destination("shop_mail").settings)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Oak, Ash <and> Co", "hi@s.example")


def test_text_and_html_travel_together(outgoing, settings):
    message = built(outgoing(), settings)
    assert "Oak & <Ash> kitchen" in message.get_body(("plain",)).get_content()
    assert "Oak &amp; &lt;Ash&gt;" in message.get_body(("html",)).get_content()


def test_the_same_message_is_the_same_bytes(outgoing, settings):
    batch = outgoing()
    assert smtp.build(batch, settings, NOON) == smtp.build(batch, settings, NOON)


@pytest.mark.parametrize(
    "address",
    ["a@b\r\nBcc: c@d", "a@b, c@d", "two@at@signs", "no-at-sign", "a b@c", "<a@b>", "é@b.example"],
)
def test_an_address_that_could_reach_someone_else_is_unsendable(outgoing, settings, address):
    with pytest.raises(Unsendable, match="address"):
        smtp.build(outgoing(address=address), settings, NOON)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (MailAnswer("data", 250, "2.0.0"), "accepted"),
        (MailAnswer("rcpt", 550, "5.1.1"), "bounced"),
        (MailAnswer("rcpt", 550), "bounced"),
        (MailAnswer("rcpt", 551), "bounced"),
        (MailAnswer("data", 550, "5.1.1"), "bounced"),
        (MailAnswer("rcpt", 550, "5.7.1"), "rejected"),
        (MailAnswer("rcpt", 552, "5.2.2"), "rejected"),
        (MailAnswer("data", 554), "rejected"),
        (MailAnswer("mail", 550), "throttled"),
        (MailAnswer("mail", 530, "5.7.0"), "throttled"),
        (MailAnswer("rcpt", 530, "5.7.0"), "throttled"),
        (MailAnswer("mail", 535, "5.7.8"), "throttled"),
        (MailAnswer("rcpt", 451, "4.2.1"), "not_sent"),
        (MailAnswer("data", 452), "not_sent"),
        (MailAnswer("mail", 421), "not_sent"),
        (Failure("not_sent", "smtp SMTPConnectError"), "not_sent"),
        (Failure("ambiguous", "smtp SMTPReadTimeoutError"), "ambiguous"),
    ],
)
def test_the_verdict_follows_the_reply_code_and_the_stage(outgoing, answer, outcome):
    (verdict,) = smtp.verdicts(answer, outgoing())
    assert (verdict.item_id, verdict.outcome) == ("m1", outcome)
    assert verdict.disable == (outcome == "throttled")
