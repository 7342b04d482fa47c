"""Hard cases told by hand: each a few records about people that no other case knows.

Hours count from `GO_LIVE`. Batches run at the hours of `BATCHES`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from .arrivals import Arrival
from .histories import GO_LIVE

BATCHES = (3, 12, 40)


class Told:
    """The records of one case. `name` is part of all its identifiers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.arrivals: list[Arrival] = []

    def mail(self, who: str = "anna") -> str:
        """Return the address of somebody of this case."""
        return f"{who}.{self.name}@shop.example"

    def id(self, what: str) -> str:
        """Return an id that only this case uses."""
        return f"{what}.{self.name}"

    def quote(
        self,
        hours: float,
        *,
        value: int = 900,
        event: str = "quote_started",
        comes: float | None = None,
    ) -> None:
        """Somebody starts or submits the quote of this case on their device."""
        values = {
            "anonymous_id": self.id("device"),
            "event": event,
            "properties": {"quote_id": self.id("quote"), "value": value},
            "occurred_at": _at(hours),
        }
        self._web(hours if comes is None else comes, values)

    def yes(self, hours: float, who: str = "anna") -> None:
        """Somebody allows sales messages by e-mail."""
        statement_id, at = self.id(f"statement{len(self.arrivals)}"), _at(hours)
        values = {
            "statement_id": statement_id,
            "email": self.mail(who),
            "channel": "email",
            "purpose": "sales",
            "granted": True,
            "stated_at": at,
        }
        self._add("consent.statements", statement_id, at, values)

    def login(self, hours: float, who: str = "anna", *, device: str = "device") -> None:
        """Somebody logs in on a device with their address."""
        who_and_where = {"anonymous_id": self.id(device), "email": self.mail(who)}
        self._web(hours, {**who_and_where, "event": "login", "occurred_at": _at(hours)})

    def case(
        self,
        opened: float,
        closed: float | None = None,
        *,
        who: str | None = "anna",
        contact: str | None = None,
        number: str = "case",
        comes: float | None = None,
    ) -> None:
        """A version of a case, of somebody's address, a contact, or both."""
        updated = _at(opened if closed is None else closed)
        values = {
            "case_id": self.id(number),
            "contact_id": self.id(contact) if contact else None,
            "email": self.mail(who) if who else None,
            "status": "open" if closed is None else "closed",
            "opened_at": _at(opened),
            "closed_at": None if closed is None else _at(closed),
            "updated_at": updated,
        }
        arrives = updated if comes is None else _at(comes)
        self._add("service.cases", self.id(number), arrives, values)

    def contact(self, hours: float, who: str, contact: str = "contact") -> None:
        """The CRM says that a contact has somebody's address."""
        at, contact_id = _at(hours), self.id(contact)
        values = {"contact_id": contact_id, "email": self.mail(who), "updated_at": at}
        self._add("crm.contacts", contact_id, at, values)

    def _web(self, comes: float, values: Mapping[str, object]) -> None:
        event_id = self.id(f"event{len(self.arrivals)}")
        self._add("web.events", event_id, _at(comes), {"event_id": event_id, **values})

    def _add(self, table: str, key: str, at: datetime, values: Mapping[str, object]) -> None:
        self.arrivals.append(Arrival(table, key, at, values))


def _at(hours: float) -> datetime:
    return GO_LIVE + timedelta(hours=hours)


def a_poorer_version_of_a_case_that_comes_late_unties_nobody(told: Told) -> None:
    told.case(-2, -1, contact="contact", comes=0)
    told.case(-2, comes=10)


def an_identifier_is_as_old_as_its_first_sight_however_often_it_comes(told: Told) -> None:
    told.case(-3, who="anna", number="case1", comes=0)
    told.case(-3, who="ben", number="case2", comes=0.1)
    told.case(-3, -2, who="anna", number="case1", comes=0.2)
    told.contact(10, "anna")
    told.contact(35, "ben")


def a_quote_asked_for_again_was_of_high_value_from_the_first_time_on(told: Told) -> None:
    told.quote(0)
    told.quote(28)


def a_case_that_is_closed_under_another_identifier_is_closed(told: Told) -> None:
    told.login(0)
    told.quote(1)
    told.case(2)
    told.case(2, 5, contact="contact", comes=20)


def a_case_that_goes_to_somebody_else_holds_up_the_first_no_more(told: Told) -> None:
    told.case(2, who=None, contact="contact1")
    told.case(2, 5, who=None, contact="contact2", comes=20)


def without_a_key_one_instance_is_open_at_a_time(told: Told) -> None:
    told.quote(0)
    told.quote(1)
    told.quote(2)


def an_instance_may_have_as_many_steps_as_its_card_says(told: Told) -> None:
    for number in range(5):
        told.quote(number / 10)


def an_instance_with_more_steps_is_a_runaway_and_no_more(told: Told) -> None:
    for number in range(8):
        told.quote(number / 10)


def one_may_enter_again_at_the_instant_at_which_one_expired(told: Told) -> None:
    for hours in (0, 2.9, 3.3, 6):
        told.quote(hours)


def a_late_history_makes_no_message_go_out_twice(told: Told) -> None:
    told.login(0)
    told.yes(0)
    told.quote(0.5)
    told.quote(0.4, comes=5)
    told.quote(-10, comes=5)
    told.quote(-5, event="quote_submitted", comes=5)


CASES = (
    a_poorer_version_of_a_case_that_comes_late_unties_nobody,
    an_identifier_is_as_old_as_its_first_sight_however_often_it_comes,
    a_quote_asked_for_again_was_of_high_value_from_the_first_time_on,
    a_case_that_is_closed_under_another_identifier_is_closed,
    a_case_that_goes_to_somebody_else_holds_up_the_first_no_more,
    without_a_key_one_instance_is_open_at_a_time,
    an_instance_may_have_as_many_steps_as_its_card_says,
    an_instance_with_more_steps_is_a_runaway_and_no_more,
    one_may_enter_again_at_the_instant_at_which_one_expired,
    a_late_history_makes_no_message_go_out_twice,
)
