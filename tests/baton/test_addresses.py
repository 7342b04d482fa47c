"""One spelling per e-mail address and phone number."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.addresses import email, phone


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("  Ada@Example.COM\t", "ada@example.com"),
        ("ada@\uff45xample.com", "ada@example.com"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("J\u00f6rg@mail.example", "j\u00f6rg@mail.example"),
        ("o'hara+shop@mail.example", "o'hara+shop@mail.example"),
        ("a.b@mail.example", "a.b@mail.example"),
    ],
)
def test_an_address_is_spelt_in_one_way(written, spelt):
    assert email(written) == spelt
    assert email(unicodedata.normalize("NFD", written)) == spelt
    assert email(spelt) == spelt


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@example",
        "ada@@example.com",
        "ada lovelace@example.com",
        "ada@exam ple.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example.com, bob@example.com",
        "<ada@example.com>",
        '"ada"@example.com',
        "ad\x00a@example.com",
        "ad\u200ba@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 64 + ".example",
        "a" * 10_240,
        "ada@\ud800.example",
    ],
)
def test_what_is_no_address_is_nobodys(written):
    assert email(written) is None


@pytest.mark.parametrize(
    ("written", "region", "spelt"),
    [
        ("(212) 555-0101", "US", "+12125550101"),
        ("1 212 555 0101", "US", "+12125550101"),
        ("+44 (0)20 7946 0000", None, "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("0044 20 7946 0000", "DE", "+442079460000"),
        ("\uff0b\uff14\uff14 20 7946 0000", None, "+442079460000"),
        ("tel:+1-212-555-0101", None, "+12125550101"),
        ("02 1234 5678", "IT", "+390212345678"),
    ],
)
def test_a_number_is_spelt_as_it_is_dialled_from_anywhere(written, region, spelt):
    assert phone(written, region) == spelt
    assert phone(spelt, None) == spelt


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("(212) 555-0101", None),
        ("555-0101", "US"),
        ("212 555 0101 ext. 5", "US"),
        ("1800 FLOWERS", "US"),
        ("call 212 555 0101", "US"),
        ("212 555 0101 / 212 555 0102", "US"),
        ("+999 212 555 0101", None),
        ("+1 212", None),
        ("+" + "1" * 10_240, None),
        ("", "US"),
        ("()", "US"),
    ],
)
def test_what_is_no_number_of_ones_own_is_nobodys(written, region):
    assert phone(written, region) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_spelling_and_to_spell_again_changes_nothing(text):
    for spelt in (email(text), email(f"{text}@mail.example")):
        assert spelt is None or email(spelt) == spelt
    number = phone(text, "US")
    assert number is None or phone(number, None) == number


@pytest.mark.parametrize("region", ["US", "GB", "DE", "IT", "BR", "MX", "AR", "JP", "IN", "SM"])
def test_the_example_of_each_region_is_known_written_for_home_and_for_abroad(region):
    example = phonenumbers.example_number(region)
    form = phonenumbers.PhoneNumberFormat
    spelt = phonenumbers.format_number(example, form.E164)
    for way in (form.NATIONAL, form.INTERNATIONAL):
        assert phone(phonenumbers.format_number(example, way), region) == spelt
