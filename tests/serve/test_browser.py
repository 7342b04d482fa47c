"""The page in a real browser: scripts off, a phone's width, by keyboard alone."""

import pytest
from browser import CHROMIUM, Browser
from service import Service
from visitors import KEYS, NOW, blocks, mail, own_link, statements, text

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]
TO_SAVE = ["Tab"] * 4
SAVED = "Saved"


@pytest.fixture
def tab(tmp_path):
    with Browser(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def url(path, journal):
    journal.hand_over([mail()], checked_at=NOW)
    with Service(path) as service:
        yield f"{service.url}/u/{KEYS.sign(own_link())}"


def headings(tab):
    return [one["name"] for one in tab.nodes("heading")]


def test_a_choice_is_made_and_confirmed_by_keyboard_alone(tab, url, journal, path):
    tab.open(url)
    tab.press("Tab")
    (focused,) = [one for one in tab.nodes("checkbox") if one.get("focused")]
    assert (focused["name"], focused["checked"]) == ("News and offers", "true")
    tab.press("Space", *TO_SAVE)
    (button,) = [one for one in tab.nodes("button") if one.get("focused")]
    assert button["name"] == "Save my choices"
    tab.press("Enter")
    tab.loaded()
    assert headings(tab) == [SAVED]
    assert statements(journal) == [("email", "marketing", False), ("email", "sales", False)]
    assert blocks(path) == [("email", "marketing"), ("email", "sales")]


def test_reloading_the_confirmation_says_nothing_twice(tab, url, journal):
    tab.open(url)
    tab.press("Tab", "Space", *TO_SAVE, "Enter")
    tab.loaded()
    before = len(statements(journal))
    tab.call("Page.reload")
    tab.loaded()
    assert headings(tab) == [SAVED]
    assert len(statements(journal)) == before


def test_everything_is_unsubscribed_by_one_button(tab, url, journal):
    tab.open(url)
    tab.press("Tab", *TO_SAVE, "Tab")
    (button,) = [one for one in tab.nodes("button") if one.get("focused")]
    assert button["name"] == "Unsubscribe from everything"
    tab.press("Enter")
    tab.loaded()
    assert headings(tab) == [SAVED]
    assert statements(journal) == [("email", None, False)]


def test_the_page_fits_a_phone_and_breaks_none_of_its_own_rules(tab, url, journal):
    journal.hand_over([text()], checked_at=NOW)
    tab.open(url)
    assert len(tab.nodes("checkbox")) == 8
    assert all(one["name"] for one in tab.nodes("checkbox"))
    assert tab.width() <= 390
    assert tab.complaints() == []


def test_looking_at_the_page_changes_nothing(tab, url, journal, path):
    tab.open(url)
    tab.call("Page.reload")
    tab.loaded()
    assert (statements(journal), blocks(path)) == ([], [])
