from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitors import KEY, KEYS, own_link

from baton.errors import UsageError
from baton.links import Link, LinkKeys, token_id

texts = st.text(min_size=1, max_size=40)
links = st.builds(
    Link,
    texts,
    texts,
    texts,
    texts,
    texts,
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(
        lambda at: at.replace(microsecond=0)
    ),
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=%/ \n\0é"


@given(links)
def test_a_link_is_read_as_it_was_signed(link):
    assert KEYS.read(KEYS.sign(link)) == link


def test_any_character_changed_is_refused():
    token = KEYS.sign(own_link())
    for place, right in enumerate(token):
        for other in ALPHABET:
            if other != right:
                assert KEYS.read(token[:place] + other + token[place + 1 :]) is None


@given(links, st.data())
def test_any_bit_flipped_is_refused(link, data):
    token = KEYS.sign(link).encode()
    place = data.draw(st.integers(0, len(token) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytearray(token)
    flipped[place] ^= 1 << bit
    assert KEYS.read(flipped.decode("latin-1")) is None


@given(st.text(max_size=300))
def test_what_nobody_signed_is_refused(text):
    assert KEYS.read(text) is None


@pytest.mark.parametrize("change", ["", "x", " ", ".", "\n", "="])
def test_what_is_cut_or_longer_is_refused(change):
    token = KEYS.sign(own_link())
    assert KEYS.read(token[:-1] + change if change != token[-1] else token[:-1]) is None
    assert KEYS.read(token + (change or "A")) is None
    assert KEYS.read(token.split(".")[0]) is None


def test_a_token_of_another_key_is_refused():
    assert LinkKeys("another key, which is as long as needed").read(KEYS.sign(own_link())) is None


def test_after_a_rotation_old_links_hold_and_the_new_key_signs():
    old, new = KEY, "the next key of the tests, also long enough"
    rotated = LinkKeys(new, old)
    link = own_link(issued_at=datetime(2026, 1, 1))
    assert rotated.read(KEYS.sign(link)) == link
    assert LinkKeys(new).read(rotated.sign(link)) == link
    assert KEYS.read(rotated.sign(link)) is None


def test_a_signature_for_something_else_is_no_link():
    payload, signature = KEYS.sign(own_link()).split(".")
    other = KEYS.sign(own_link(contact_point_id="cp9"))
    assert KEYS.read(f"{other.split('.')[0]}.{signature}") is None
    assert KEYS.read(f"{payload}.{other.split('.')[1]}") is None


@pytest.mark.parametrize("text", ["", " , ", "short", f"{KEY},short"])
def test_a_missing_or_short_key_is_told_with_its_mend(text):
    with pytest.raises(UsageError, match=r"(?s)BATON_LINK_KEY.*token_urlsafe") as raised:
        LinkKeys.from_environment({"BATON_LINK_KEY": text} if text else {})
    assert "short," not in str(raised.value)


def test_keys_are_separated_by_comma_or_blank():
    one, two = "1" * 32, "2" * 32
    link = own_link(issued_at=datetime(2026, 1, 1))
    for text in (f"{one},{two}", f"{one} {two}", f" {one} , {two}\n"):
        keys = LinkKeys.parse(text)
        assert LinkKeys(one).read(keys.sign(link)) == link
        assert keys.read(LinkKeys(two).sign(link)) == link


def test_a_token_holds_ids_and_fits_into_a_header_line():
    ids = dict.fromkeys(("contact_point_id", "node_id", "message_id"), "a" * 32)
    token = KEYS.sign(own_link(**ids, brand="a brand of usual length"))
    assert len(token) < 400
    assert len(token_id(token)) == 16
    assert token_id(token) not in token


def test_time_is_kept_in_whole_seconds():
    at = datetime(2026, 3, 2, 12, 0, 1, 999_999)
    link = KEYS.read(KEYS.sign(own_link(issued_at=at)))
    assert link is not None
    assert at - link.issued_at < timedelta(seconds=1)
