import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from claiming import claim_once
from visitors import KEYS, NOW, blocks, mail, own_link, statements, text

from baton.errors import UsageError
from baton.journal import AddressBlock, Receipt
from baton.serve.texts import SHIPPED, Text, Texts

BOXES = [f"email.{purpose}" for purpose in ("marketing", "sales", "service", "transactional")]


class Form(HTMLParser):
    """The forms of a page, as a browser without scripts would send them."""

    def __init__(self, page):
        super().__init__()
        self.action, self.hidden, self.checked, self.open_, self.labels = None, [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.action = self.action or a["action"]
        if tag == "label":
            self.labels.append(a["for"])
        if tag == "input" and a["type"] == "hidden":
            self.hidden.append((a["name"], a["value"]))
        if tag == "input" and a["type"] == "checkbox":
            if "checked" in a:
                self.checked.append(a["value"])
            if "disabled" not in a:
                self.open_.append(a["value"])


@pytest.fixture
def visit(client, token):
    """The form of the page, and a function that answers it with the boxes ticked then."""
    url = f"http://testserver/u/{token}"

    def open_page():
        form = Form(client.get(url).text)

        def save(*ticked):
            fields = [*form.hidden, ("save", "yes")]
            fields += [("on", box) for box in ticked if box in form.open_]
            body = "&".join(f"{name}={value}" for name, value in fields)
            answer = client.post(
                urljoin(url, form.action),
                content=body,
                headers={"content-type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code == 303
            return client.get(urljoin(urljoin(url, form.action), answer.headers["location"]))

        return form, save

    return open_page


def everything(client, token):
    return client.post(f"/u/{token}/choices", data={"everything": "yes"})


def test_a_yes_that_a_message_relied_on_is_shown_and_silence_means_no_for_offers(journal, visit):
    journal.hand_over([mail()], checked_at=NOW)
    form, _ = visit()
    assert form.open_ == BOXES
    assert form.checked == ["email.marketing", "email.service", "email.transactional"]


def test_a_consent_time_of_a_message_that_was_refused_is_no_yes(journal, visit):
    journal.hand_over([mail(blocked_by="no_consent")], checked_at=NOW)
    form, _ = visit()
    assert "email.marketing" not in form.checked


def test_unticking_is_a_no_and_blocks(journal, path, visit):
    journal.hand_over([mail()], checked_at=NOW)
    _, save = visit()
    page = save("email.service", "email.transactional").text
    assert statements(journal) == [("email", "marketing", False), ("email", "sales", False)]
    assert blocks(path) == [("email", "marketing"), ("email", "sales")]
    assert "E-mail, News and offers: no." in page
    assert "2026-03-02 12:00 UTC" in page
    assert claim_once(journal, "shop_mail", 1, NOW) == []


def test_what_was_shown_ticked_and_stays_ticked_is_no_new_yes(journal, visit):
    journal.hand_over([mail()], checked_at=NOW)
    _, save = visit()
    save(*BOXES)
    assert statements(journal) == [("email", "sales", True)]


def test_saving_the_page_unchanged_twice_changes_nothing_the_second_time(journal, visit):
    journal.hand_over([mail()], checked_at=NOW)
    form, save = visit()
    save(*form.checked)
    form, save = visit()
    assert "Nothing was changed." in save(*form.checked).text
    assert statements(journal) == [("email", "sales", False)]


def test_ticking_again_is_a_yes_newer_than_the_no_also_when_the_clock_stands_still(
    journal, client, token, visit
):
    journal.hand_over([mail()], checked_at=NOW)
    everything(client, token)
    form, save = visit()
    assert form.checked == []
    page = save("email.marketing").text
    assert "takes effect within minutes" in page
    no, yes = journal.feed("statements", 0)
    assert (no["purpose"], no["granted"]) == (None, False)
    assert (yes["purpose"], yes["granted"]) == ("marketing", True)
    assert yes["stated_at"] > no["stated_at"]
    assert visit()[0].checked == ["email.marketing"]


def test_a_block_holds_until_the_warehouse_has_folded_the_newer_yes(journal, client, token, visit):
    journal.hand_over([mail()], checked_at=NOW)
    everything(client, token)
    _, save = visit()
    save("email.marketing")
    yes = journal.feed("statements", 0)[-1]["stated_at"]
    later = NOW + timedelta(minutes=5)
    journal.hand_over([mail(message_id="m2")], checked_at=later)
    assert claim_once(journal, "shop_mail", 1, later) == []
    journal.hand_over([mail(message_id="m3", consent_at=yes)], checked_at=later)
    assert [one.message_id for one in claim_once(journal, "shop_mail", 1, later)] == ["m3"]


def test_an_outdated_page_cannot_undo_a_click_in_between(journal, client, token, visit):
    journal.hand_over([mail()], checked_at=NOW)
    form, save = visit()
    client.post(f"/u/{token}", content="List-Unsubscribe=One-Click")
    save(*form.checked)
    assert not any(granted for _, _, granted in statements(journal))
    assert "email.marketing" not in visit()[0].checked


def test_everything_is_one_no_without_a_purpose_for_all_channels_of_the_person(
    journal, path, client, token
):
    journal.hand_over([mail(), text()], checked_at=NOW)
    assert everything(client, token).status_code == 303
    assert statements(journal) == [("email", None, False), ("sms", None, False)]
    assert blocks(path) == [("email", None), ("sms", None)]
    assert claim_once(journal, "shop_mail", 1, NOW) == []
    assert claim_once(journal, "sms_gateway", 1, NOW) == []


def test_another_channel_can_be_stopped_by_this_link_but_not_started(journal, visit):
    journal.hand_over([mail(), text()], checked_at=NOW)
    form, save = visit()
    assert "sms.marketing" in form.checked
    save(*(box for box in form.checked if box != "sms.marketing"))
    assert ("sms", "marketing", False) in statements(journal)
    form, _ = visit()
    assert "sms.marketing" not in {*form.checked, *form.open_}


def test_a_forged_answer_cannot_start_another_channel(journal, client, token):
    journal.hand_over([mail(), text(blocked_by="no_consent")], checked_at=NOW)
    forged = "on=sms.marketing&shown=sms.marketing=off&on=fax.all&shown=fax.all=off&shown=on"
    answer = client.post(f"/u/{token}/choices", content=forged)
    assert answer.headers["location"] == "choices?act=nothing"
    assert statements(journal) == []


def test_other_people_and_other_addresses_of_the_same_channel_are_not_shown(journal, visit):
    other = {"contact_point_id": "cp7", "address": "ann@work.example", "message_id": "m7"}
    journal.hand_over(
        [mail(), mail(**other), text(person_id="p2", contact_point_id="cp8")], checked_at=NOW
    )
    form, save = visit()
    assert form.open_ == BOXES
    save()
    assert {row["contact_point_id"] for row in journal.feed("statements", 0)} == {"cp1"}


def test_after_a_merge_the_page_follows_whose_the_address_is_now(journal, visit):
    journal.hand_over([mail(), text(person_id="p2")], checked_at=NOW)
    assert visit()[0].open_ == BOXES
    later = NOW + timedelta(minutes=1)
    journal.hand_over([mail(), text(person_id="p1")], checked_at=later)
    assert "sms.marketing" in visit()[0].open_


@pytest.mark.parametrize("status", ["bounced", "complained", "stopped"])
def test_a_suppressed_address_cannot_be_allowed_here_and_the_page_says_why(
    journal, client, token, visit, status
):
    journal.hand_over([mail()], checked_at=NOW)
    journal.record_receipts([Receipt("m1", status, NOW, "test")])
    form, _ = visit()
    assert (form.open_, form.checked) == ([], [])
    assert "We do not write to this address any more" in client.get(f"/u/{token}").text


@pytest.mark.parametrize("kind", ["stop", "legal", "deceased"])
def test_what_was_lifted_suppresses_no_more_here_as_at_the_claim(journal, visit, kind):
    def block(named, at):
        return AddressBlock("email", "ann@mail.example", None, None, named, at, "loaded")

    journal.hand_over([mail()], checked_at=NOW)
    journal.block_addresses([block(kind, NOW)])
    assert visit()[0].open_ == []
    journal.block_addresses([block(f"end_of_{kind}", NOW + timedelta(minutes=1))])
    form, _ = visit()
    assert form.open_ == BOXES
    assert form.checked == ["email.marketing", "email.service", "email.transactional"]


def test_an_opt_out_from_elsewhere_is_shown(journal, visit):
    journal.hand_over([mail()], checked_at=NOW)
    no = AddressBlock("email", "ann@mail.example", None, "marketing", "opt_out", NOW, "loaded")
    journal.block_addresses([no])
    assert "email.marketing" not in visit()[0].checked


def test_the_confirmation_is_for_the_link_that_made_it(journal, client, token):
    journal.hand_over([mail()], checked_at=NOW)
    where = everything(client, token).headers["location"]
    other = KEYS.sign(own_link(message_id="m9"))
    assert "everything: no." in client.get(f"/u/{token}/{where}").text
    assert "Nothing was changed." in client.get(f"/u/{other}/{where}").text


def test_pages_are_neither_stored_nor_framed_nor_told_to_other_sites(client, token):
    for url in (f"/u/{token}", f"/u/{token}/choices", "/u/x", "/nowhere"):
        headers = client.get(url).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_a_page_has_a_language_labels_and_no_script(client, token):
    page = client.get(f"/u/{token}").text
    form = Form(page)
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert form.labels == BOXES
    assert not re.search(r"<script|javascript:|\son\w+=|https?://", page)


def test_a_brand_and_texts_cannot_bring_markup_into_the_page(client):
    token = KEYS.sign(own_link(brand="<b>&\"'{x}"))
    page = client.get(f"/u/{token}").text
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;&#34;&#39;{x}" in page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,de;q=0.5,en;q=0.1", "de"),
        ("en;q=0.9,de;q=0.1", "en"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=x,;;,=", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_one_the_browser_asks_for(client, token, accepted, language):
    page = client.get(f"/u/{token}", headers={"accept-language": accepted}).text
    assert f'<html lang="{language}">' in page


def test_both_shipped_languages_say_everything():
    texts = Texts.load()
    assert set(texts.by_locale) == {"de", "en"}
    placeholders = {
        locale: {
            name: re.findall(r"{\w+}", value)
            for name, value in text.model_dump().items()
            if isinstance(value, str)
        }
        for locale, text in texts.by_locale.items()
    }
    assert {n: sorted(p) for n, p in placeholders["de"].items()} == {
        n: sorted(p) for n, p in placeholders["en"].items()
    }


def test_texts_of_ones_own_are_checked_when_they_are_read(tmp_path):
    with pytest.raises(UsageError, match=r"no en\.yml"):
        Texts.load(tmp_path)
    (tmp_path / "en.yml").write_text((SHIPPED / "en.yml").read_text().replace("save:", "sabe:"))
    with pytest.raises(UsageError, match="sabe"):
        Texts.load(tmp_path)
    assert "save" in Text.model_fields


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("#1b1f23", "#f5f6f7", 7),
        ("#4a5259", "#ffffff", 4.5),
        ("#4a5259", "#f5f6f7", 4.5),
        ("#ffffff", "#0b57a4", 4.5),
        ("#9b1c1c", "#ffffff", 4.5),
        ("#0b57a4", "#f5f6f7", 4.5),
        ("#b35900", "#f5f6f7", 3),
        ("#8a929a", "#ffffff", 3),
    ],
)
def test_colours_can_be_told_apart(front, back, least):
    style = (SHIPPED.parent / "pages" / "style.css").read_text().replace("#fff;", "#ffffff;")
    assert front in style
    assert back in style
    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
