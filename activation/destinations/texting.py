"""What destinations that send text messages have in common: numbers, and texts that fit."""

import re

from activation.destinations.mailing import part_of
from activation.exchange import Outgoing, Unsendable

E164 = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST = 1600


def number_of(item: Outgoing) -> str:
    """The number of a text, E.164. Raises Unsendable for one that is not."""
    number = item.message.address or ""
    if not E164.fullmatch(number):
        raise Unsendable("address_not_usable")
    return number


def text_of(item: Outgoing) -> str:
    """The text, at most 1,600 characters: ten parts. Raises Unsendable when empty or longer."""
    text = part_of(item, "text")
    if not text.strip():
        raise Unsendable("text_is_empty")
    if len(text) > _LONGEST:
        raise Unsendable(f"text_longer_than {_LONGEST}")
    return text
