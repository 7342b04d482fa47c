"""From the mail to the click to the mail that does not go: real SMTP, real HTTP application."""

import re
from email import message_from_string
from email.policy import default
from urllib.parse import urlsplit

import pytest
from claiming import claim_once
from loopback import NOON, MailServer, config, mail, mail_environment, text
from starlette.testclient import TestClient

from activation import send
from baton.errors import UsageError
from baton.links import LinkKeys
from baton.serve.app import create_app
from baton.serve.keys import ApiKeys
from baton.serve.settings import Settings
from baton.serve.texts import Texts

KEY = "a-key-of-the-tests-long-enough-to-be-one"
URL = "https://choose.shop.example"
IDS = {"contact_point_id": "c" * 32, "address_node_id": "d" * 32}


@pytest.fixture
def linked():
    """Variables of a sender that makes links."""

    def environment(port, **more):
        return mail_environment(port) | {"BATON_PUBLIC_URL": URL, "BATON_LINK_KEY": KEY} | more

    return environment


@pytest.fixture
def deliver(journal, tmp_path):
    """Hand messages over, send them, and return the report and the mails that arrived, raw."""

    def deliver_all(environment, *messages):
        journal.hand_over(messages, checked_at=NOON)
        with MailServer() as server:
            configured = config(tmp_path, environment(server.port))
            report = send(journal, configured, now=journal.now)
            return report, [content for _, content in server.seen.requests]

    return deliver_all


def of(content):
    return message_from_string(content, policy=default)


def link_of(content):
    return re.search(r"^List-Unsubscribe: <(\S+)>", content, re.MULTILINE)[1]


def client(journal):
    settings = Settings(LinkKeys(KEY), ApiKeys([]), Texts.load())
    return TestClient(create_app(journal, settings), base_url=URL, follow_redirects=False)


@pytest.mark.parametrize("message_class", ["marketing", "sales"])
def test_a_commercial_mail_can_be_unsubscribed_by_one_click(deliver, linked, message_class):
    report, (content,) = deliver(linked, mail(message_class=message_class, **IDS))
    assert report.notes == {}
    assert link_of(content).startswith(f"{URL}/u/")
    assert of(content)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "=?utf-8?" not in content
    assert max(len(line) for line in content.splitlines()) < 998


@pytest.mark.parametrize("message_class", ["service", "transactional"])
def test_what_a_person_needs_has_the_link_but_no_header(deliver, linked, message_class):
    _, (content,) = deliver(linked, mail(message_class=message_class, consent_at=None, **IDS))
    assert of(content)["List-Unsubscribe"] is None
    assert of(content)["List-Unsubscribe-Post"] is None
    assert f"{URL}/u/" in of(content).get_body(("plain",)).get_content()


def test_the_footer_leads_to_the_same_page(deliver, linked):
    _, (content,) = deliver(linked, mail(**IDS))
    for kind in ("plain", "html"):
        assert link_of(content) in of(content).get_body((kind,)).get_content()


def test_a_second_way_by_mail_stands_only_if_it_is_configured(deliver, linked):
    def environment(port):
        return linked(port, SHOP_UNSUBSCRIBE_MAILTO="stop@shop.example")

    _, (content,) = deliver(environment, mail(**IDS))
    first, second = of(content)["List-Unsubscribe"].split(", ")
    assert first.startswith(f"<{URL}/u/")
    assert second == "<mailto:stop@shop.example?subject=unsubscribe%20m1>"


def test_a_link_holds_no_personal_value(deliver, linked):
    _, (content,) = deliver(linked, mail(**IDS))
    link = LinkKeys(KEY).read(link_of(content).rsplit("/", maxsplit=1)[1])
    assert (link.contact_point_id, link.node_id) == ("c" * 32, "d" * 32)
    assert (link.channel, link.brand, link.message_id) == ("email", "shop", "m1")


def test_without_a_public_url_the_mail_goes_and_the_report_says_so_once(deliver):
    report, contents = deliver(mail_environment, mail(1, **IDS), mail(2, **IDS))
    assert [of(one)["List-Unsubscribe"] for one in contents] == [None, None]
    assert "unsubscribe" not in of(contents[0]).get_body(("plain",)).get_content()
    assert list(report.notes) == ["shop_mail"]
    assert "BATON_PUBLIC_URL" in report.notes["shop_mail"]


def test_a_service_mail_without_a_link_is_no_gap(deliver):
    report, _ = deliver(mail_environment, mail(message_class="service"))
    assert report.notes == {}


def test_a_mail_handed_over_before_there_were_links_is_told(deliver, linked):
    report, (content,) = deliver(linked, mail())
    assert of(content)["List-Unsubscribe"] is None
    assert "before there were links" in report.notes["shop_mail"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"BATON_LINK_KEY": ""}, "BATON_LINK_KEY"),
        ({"BATON_LINK_KEY": "short"}, "too short"),
        ({"BATON_PUBLIC_URL": "http://choose.shop.example"}, "https"),
        ({"BATON_PUBLIC_URL": "choose"}, "public_url"),
        ({"SHOP_UNSUBSCRIBE_MAILTO": "a@b>, <http://x"}, "e-mail address"),
    ],
)
def test_links_that_could_not_work_are_refused_before_anything_is_sent(
    tmp_path, linked, changes, told
):
    with pytest.raises(UsageError, match=told):
        config(tmp_path, linked(25, **changes)).destination("shop_mail")


def test_on_this_machine_a_link_may_do_without_tls(tmp_path, linked):
    environment = linked(25, BATON_PUBLIC_URL="http://127.0.0.1:8600")
    assert config(tmp_path, environment).destination("shop_mail").settings.preferences()


def test_after_one_click_the_next_mail_does_not_go(journal, deliver, linked):
    _, (content,) = deliver(linked, mail(**IDS))
    path = urlsplit(link_of(content)).path
    more = {**IDS, "address": "ann1@mail.example", "node_id": "n1", "person_id": "p1"}
    journal.hand_over([mail(2, **more)], checked_at=NOON)
    answer = client(journal).post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    report, contents = deliver(linked, mail(3, **more), mail(4))
    assert [of(one)["To"] for one in contents] == ["ann4@mail.example"]
    for message_id in ("m2", "m3"):
        row = journal.message(message_id)
        assert (row["state"], row["reason"]) == ("cancelled", "opted_out")
    assert report.states == {"accepted": 1}


def test_after_everything_no_channel_of_the_person_is_used(journal, deliver, linked):
    _, (content,) = deliver(linked, mail(**IDS))
    path = urlsplit(link_of(content)).path
    journal.hand_over([text(contact_point_id="e" * 32, address_node_id="f" * 32)], checked_at=NOON)
    answer = client(journal).post(f"{path}/choices", data={"everything": "yes"})
    assert answer.status_code == 303
    assert claim_once(journal, "sms_gateway", 1, NOON) == []
    assert journal.message("s1")["reason"] == "opted_out"
