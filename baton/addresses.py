"""One spelling per e-mail address and phone number; null for what nobody may be known by. Pure.

Parts of an address that look alike are not folded: only a provider knows whether dots and what
follows a plus make another mailbox, and consent is given for the address as it was written.
"""

import re
import unicodedata
from functools import lru_cache

import idna
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

LONGEST = 320
_LONGEST_NUMBER = 60
_LOCAL = re.compile(r"[^\x00-\x20\x7f@\"(),:;<>\[\]\\]{1,64}")
_DOMAIN = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NUMBER = re.compile(r"(?:tel:)?[+0-9 ().\-/\u2010-\u2015\u2212]{3,}", re.IGNORECASE)
_CACHED = 65_536


@lru_cache(_CACHED)
def email(text: str) -> str | None:
    """Return an address composed (NFKC), trimmed and in lower case, its domain in ASCII (IDNA)."""
    if len(text) > LONGEST:
        return None
    local, _, domain = unicodedata.normalize("NFKC", text).strip().lower().rpartition("@")
    if not domain.isascii():
        domain = _ascii_domain(domain)
    is_sound = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and not _has_unseen(local)
    return f"{local}@{domain}" if is_sound else None


@lru_cache(_CACHED)
def phone(text: str, region: str | None = None) -> str | None:
    """Return a number in E.164; `region` (ISO 3166 alpha-2) is where it is dialled like that.

    Lengths decide, not whether the number is in use. Numbers with an extension, which share one
    with others, and texts that only contain a number are none.
    """
    plain = unicodedata.normalize("NFKC", text[: _LONGEST_NUMBER + 1]).strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(plain):
        return None
    try:
        number = phonenumbers.parse(plain, region)
    except NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    if number.extension or length != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_region(text: str) -> bool:
    """Whether a text names a region whose numbers are known."""
    return text in phonenumbers.SUPPORTED_REGIONS


def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def _has_unseen(text: str) -> bool:
    return not text.isascii() and any(unicodedata.category(one)[0] in "CZ" for one in text)
