"""Personal values of a context, masked: what is enough to recognise someone, and no more."""

import re
from collections.abc import Mapping

_EMAIL = re.compile(r"[^\s@<>,;:\"'()\[\]]+@[^\s@<>,;:\"'()\[\]]+")
_TIME_OR_PHONE = re.compile(
    r"(?<![\w+])(?P<time>\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)(?![\w-])"
    r"|(?<![\w.-])\+?\(?\d[\d\s()./-]{6,}\d(?![\w-])"
)
_FEWEST_DIGITS = 8
_NAMES = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "middle_name",
        "full_name",
        "given_name",
        "family_name",
        "customer_name",
        "display_name",
    }
)
_HIDDEN = frozenset(
    {
        "address",
        "address_line",
        "birth_date",
        "birthday",
        "city",
        "date_of_birth",
        "postcode",
        "street",
        "zip",
    }
)


def masked(value: object, field: str = "") -> object:
    """The same with e-mails as `a***@example.org`, phones by two digits, names by initials.

    Fields are known by their names, wherever they stand; e-mails and phone numbers also inside
    of texts. Postal addresses and birth dates are left out.
    """
    if isinstance(value, Mapping):
        return {_text(str(key)): masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, field) for item in value]
    return _scalar(value, field.lower())


def _scalar(value: object, field: str) -> object:
    if value is None or isinstance(value, bool):
        return value
    if field in _HIDDEN:
        return "***"
    if field in _NAMES:
        return _initials(str(value))
    if "phone" in field or "mobile" in field:
        return _last_digits(str(value))
    return _text(value) if isinstance(value, str) else value


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
