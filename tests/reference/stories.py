"""Short ways to write a source record, for stories made by hand. Hours count from `DAY`."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from .records import (
    Case,
    ChatMessage,
    Contact,
    Load,
    Order,
    Receipt,
    Record,
    Statement,
    WebEvent,
)

DAY = datetime(2026, 3, 2, 9)


def at(hours: float) -> datetime:
    """Return the instant `hours` after the story's beginning."""
    return DAY + timedelta(hours=hours)


class Story:
    """Records in the order in which they were loaded, one batch each unless told otherwise."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._numbers = count(1)

    def contact(self, contact_id: str, email: str | None = None, phone: str | None = None) -> None:
        self.records.append(Contact(contact_id, at(0), self._load(at(0)), email, phone))

    def web(
        self,
        event: str,
        hours: float,
        quote: str | None = None,
        *,
        by: str = "anna",
        user: str | None = None,
        email: str | None = None,
        value: float = 100,
        name: str | None = None,
        loaded: float | None = None,
    ) -> str:
        load = self._load(at(hours if loaded is None else loaded))
        event_id = name or f"w{load.seq}"
        facts = {"quote_id": quote, "value": value}
        self.records.append(WebEvent(event_id, event, at(hours), load, by, user, email, facts))
        return event_id

    def chat(self, by: str, contact_id: str) -> None:
        load = self._load(at(0))
        self.records.append(ChatMessage(f"m{load.seq}", at(0), load, contact_id, None, by))

    def case(
        self,
        case_id: str,
        opened: float,
        closed: float | None = None,
        *,
        email: str = "anna@shop.example",
        contact_id: str | None = None,
        updated: float | None = None,
        loaded: float | None = None,
    ) -> None:
        changed = at(updated if updated is not None else closed if closed is not None else opened)
        status = "open" if closed is None else "closed"
        ended = None if closed is None else at(closed)
        load = self._load(changed if loaded is None else at(loaded))
        self.records.append(
            Case(case_id, status, at(opened), ended, changed, load, contact_id, email)
        )

    def said(
        self,
        is_granted: bool,
        hours: float,
        *,
        contact_id: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        channel: str = "email",
        purpose: str = "sales",
        brand: str | None = None,
        ends: float | None = None,
        confirmed: bool | None = None,
        loaded: float | None = None,
    ) -> None:
        load = self._load(at(hours if loaded is None else loaded))
        self.records.append(
            Statement(
                f"s{load.seq}",
                channel,
                purpose,
                is_granted,
                at(hours),
                load,
                contact_id,
                email,
                phone,
                brand,
                None if ends is None else at(ends),
                confirmed,
            )
        )

    def crm(self, contact_id: str, hours: float, **known: Any) -> None:
        """A version of a contact, with its flags or country."""
        self.records.append(Contact(contact_id, at(hours), self._load(at(hours)), **known))

    def receipt(
        self, status: str, hours: float, address: str, channel: str = "email", **more: Any
    ) -> None:
        load = self._load(at(hours))
        receipt_id = f"r{load.seq}"
        self.records.append(Receipt(receipt_id, channel, address, status, at(hours), load, **more))

    def bought(self, contact_id: str) -> None:
        load = self._load(at(0))
        self.records.append(Order(f"o{load.seq}", contact_id, load))

    def _load(self, loaded_at: datetime) -> Load:
        number = next(self._numbers)
        return Load(number, number, loaded_at)
