"""Personal values of a context, masked: what is enough to recognise someone, and no more."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

_EMAIL = re.compile(r"[^\s@<>,;:\"'()\[\]]+@[^\s@<>,;:\"'()\[\]]+")
_TIME_OR_PHONE = re.compile(
    r"(?<![\w+])(?P<time>\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)(?![\w-])"
    r"|(?<![\w.-])\+?\(?\d[\d\s()./-]{6,}\d(?![\w-])"
)
_FEWEST_DIGITS = 8
_WORDS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMES = frozenset(
    [
        "customername",
        "displayname",
        "familyname",
        "firstname",
        "forename",
        "fullname",
        "givenname",
        "lastname",
        "maidenname",
        "middlename",
        "nickname",
        "surname",
    ]
)
_HIDDEN = frozenset(
    [
        "accountnumber",
        "address",
        "addresses",
        "addressline",
        "birthdate",
        "birthday",
        "birthplace",
        "birthyear",
        "cardnumber",
        "city",
        "creditcard",
        "dateofbirth",
        "dob",
        "housenumber",
        "iban",
        "passport",
        "passportnumber",
        "placeofbirth",
        "postalcode",
        "postcode",
        "socialsecuritynumber",
        "ssn",
        "street",
        "streetname",
        "taxid",
        "town",
        "zip",
        "zipcode",
    ]
)
_MAIL = frozenset({"email", "mail"})
_PHONES = frozenset(["cell", "fax", "mobile", "mobiles", "msisdn", "phones", "tel", "whatsapp"])
_NO_PHONES = frozenset(["at", "id", "ids", "ms", "seq", "timestamp", "ts"])
_SHORTEST, _LONGEST = 10**8, 10**15  # nine to fifteen digits


def masked(value: object, field: str = "") -> object:
    """The same with e-mails as `a***@example.org`, phones by two digits, names by initials.

    Fields are known by their names, in any spelling, and cover what is nested in them; e-mails
    and phone numbers are known also inside of texts, and numbers as long as a phone number too,
    unless their field says that they are an id or a time. Postal addresses, birth dates and
    numbers of accounts and papers are left out.
    """
    return _masked(value, _words(field), None)


_Kind = Literal["hidden", "name", "phone"]


def _masked(value: object, words: Sequence[str], outer: _Kind | None) -> object:
    kind = outer if outer == "hidden" else _kind(words) or outer
    if isinstance(value, Mapping):
        fields = {str(key): item for key, item in value.items()}
        return {_text(key): _masked(item, _words(key), kind) for key, item in fields.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, words, kind) for item in value]
    return _scalar(value, words, kind)


def _words(field: str) -> list[str]:
    """The words of a name, as in `first_name`, `firstName` or `First-Name`, without numbers."""
    words = (word.strip("0123456789") for word in _WORDS.split(_CAMEL.sub("_", field).lower()))
    return [word for word in words if word]


def _kind(words: Sequence[str]) -> _Kind | None:
    """How a field is masked, by how its name ends: `billing_address` is an address."""
    ends = {"".join(words[start:]) for start in range(len(words))}
    if not ends.isdisjoint(_HIDDEN) and _MAIL.isdisjoint(words):
        return "hidden"
    if list(words) in (["name"], ["names"]) or not ends.isdisjoint(_NAMES):
        return "name"
    return "phone" if "phone" in "".join(words) or not _PHONES.isdisjoint(words) else None


def _scalar(value: object, words: Sequence[str], kind: _Kind | None) -> object:
    if value is None or isinstance(value, bool):
        return value
    if kind == "hidden":
        return "***"
    if kind == "name":
        return _initials(str(value))
    if kind == "phone":
        return _last_digits(str(value))
    if isinstance(value, int | float) and _is_long(value, words):
        return _last_digits(str(int(value)))
    return _text(value) if isinstance(value, str) else value


def _is_long(number: float, words: Sequence[str]) -> bool:
    return _SHORTEST <= number < _LONGEST and not (words and words[-1] in _NO_PHONES)


def _text(text: str) -> str:
    return _TIME_OR_PHONE.sub(_phone, _EMAIL.sub(_email, text))


def _email(found: re.Match[str]) -> str:
    local, _, domain = found[0].partition("@")
    return f"{local[0]}***@{domain}"


def _phone(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    if found["time"] or digits < _FEWEST_DIGITS:
        return found[0]
    return _last_digits(found[0])


def _last_digits(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"***{digits[-2:]}" if len(digits) > 2 else "***"  # noqa: PLR2004  # two are shown


def _initials(name: str) -> str:
    return " ".join(f"{word[0]}." for word in name.split())
