"""Personal values, shown as far as one must see them to tell them apart. Pure."""

import re
from dataclasses import dataclass

_HIDDEN = "***"
_EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_PHONE = re.compile(r"(?<!\w)\+?\d{9,15}(?!\w)")
_OF_MANY = frozenset({"country", "timezone", "language"})


@dataclass(frozen=True)
class Mask:
    """Masks values while `is_on`: `a***@example.org`, a phone's last two digits, `A***`."""

    is_on: bool = True

    def field(self, name: str, value: str) -> str:
        """Return the value of a customer's field; what a whole country shares stays readable."""
        return value if name in _OF_MANY else self.value(name, value)

    def value(self, kind: str, value: str) -> str:
        """Return an identifier or an address; `kind` is its type, field or channel."""
        if not self.is_on:
            return value
        if "@" in value:
            return _email(value)
        return f"{_HIDDEN}{value[-2:]}" if kind in {"phone", "sms"} else f"{value[:1]}{_HIDDEN}"

    def named(self, text: str) -> str:
        """Return `type value`, as evidence names an identifier."""
        kind, _, value = text.partition(" ")
        return f"{kind} {self.value(kind, value)}"

    def text(self, text: str) -> str:
        """Return what a tool answered; addresses that it repeats are masked."""
        if not self.is_on:
            return text
        without = _EMAIL.sub(lambda found: _email(found.group()), text)
        return _PHONE.sub(lambda found: f"{_HIDDEN}{found.group()[-2:]}", without)


def _email(value: str) -> str:
    name, _, domain = value.rpartition("@")
    return f"{name[:1]}{_HIDDEN}@{domain}"
