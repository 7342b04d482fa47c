"""Identifiers: what a record shows of a person, normalised, in order of priority."""

import re
from dataclasses import dataclass

from baton.ids import make_id

from .records import Case, ChatMessage, Contact, Record, Statement, WebEvent

PRIORITY = {"crm_contact": 1, "user": 2, "email": 3, "phone": 4, "anonymous": 5}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Node:
    """One identifier of one type."""

    type: str
    value: str

    @property
    def id(self) -> str:
        return make_id("node", self.type, self.value)


def shown_by(record: Record) -> tuple[Node, ...]:
    """Return the valid identifiers of a record, the one all others are linked to first."""
    match record:
        case Contact():
            found = (
                _node("crm_contact", record.contact_id),
                _node("email", email(record.email)),
                _node("phone", phone(record.phone)),
            )
        case WebEvent():
            found = (
                _node("user", _text(record.user_id)),
                _node("email", email(record.email)),
                _node("anonymous", _text(record.anonymous_id)),
            )
        case ChatMessage():
            found = (
                _node("crm_contact", _text(record.contact_id)),
                _node("email", email(record.email)),
                _node("anonymous", _text(record.anonymous_id)),
            )
        case Case() | Statement():
            found = (
                _node("crm_contact", _text(record.contact_id)),
                _node("email", email(record.email)),
                _node("phone", phone(record.phone)),
            )
        case _:
            found = ()
    nodes = [node for node in found if node]
    return tuple(sorted(nodes, key=lambda node: PRIORITY[node.type]))


def hub_of(record: Record) -> str | None:
    """Return the node id that an event, case or statement belongs to."""
    nodes = shown_by(record)
    return nodes[0].id if nodes else None


def hub_of_contact(contact: Contact) -> str:
    """Return the node id of a CRM contact."""
    return Node("crm_contact", contact.contact_id).id


def address_node(channel: str, address: str | None) -> Node | None:
    """Return the identifier that a channel addresses, None where there is no usable address."""
    match channel:
        case "email":
            return _node("email", email(address))
        case "sms":
            return _node("phone", phone(address))
        case _:
            return None


def email(written: str | None) -> str | None:
    """Return the address in lower case, None when it is no address."""
    text = (written or "").strip(" ").lower()
    return text if _EMAIL.fullmatch(text) else None


def phone(written: str | None) -> str | None:
    """Return the number in E.164, None when it is none. Ten digits are North American."""
    text = (written or "").strip(" ")
    digits = re.sub(r"[^0-9]", "", text)
    if text.startswith("+"):
        return f"+{digits}" if 8 <= len(digits) <= 15 else _american(digits)
    return _american(digits)


def _american(digits: str) -> str | None:
    if len(digits) == 10:
        return f"+1{digits}"
    return f"+{digits}" if len(digits) == 11 and digits.startswith("1") else None


def _node(node_type: str, value: str | None) -> Node | None:
    return Node(node_type, value) if value else None


def _text(written: str | None) -> str | None:
    return (written or "").strip(" ") or None
