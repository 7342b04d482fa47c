"""Plots: a few people who share things, and what their systems say of them, at adversarial times.

A plot is a pure function of its seed and the batch times. Plots share no identifier with each
other, so many of them fit into one warehouse, and a failing one can be looked at alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

_EDGES = [0.0, 0.5, 1, 2, 3, 4, 6, 24, 26, 48, 720]
_NUDGES = [timedelta(0), timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=7)]
_VALUES = [100, 499.99, 500, 900, "much", None]


@dataclass(frozen=True)
class Arrival:
    """One record of one table on its way to a landing file; times are naive UTC."""

    table: str
    key: str
    arrives_at: datetime
    values: Mapping[str, object]
    is_deletion: bool = False


@dataclass(frozen=True)
class Dials:
    """What a plot may do.

    `is_skewed`: clocks run ahead. `is_rewritten`: contacts and cases have versions that say other
    things than the first. `longest_delay`: how late a record may be.
    """

    is_skewed: bool = True
    is_rewritten: bool = True
    longest_delay: timedelta = timedelta(days=60)


@dataclass(frozen=True)
class _Person:
    number: str
    devices: tuple[str, ...]
    users: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    contacts: tuple[str, ...]


@dataclass
class Plot:
    """What happens to the people of one plot."""

    seed: int
    batch_times: Sequence[datetime]
    dials: Dials = field(default_factory=Dials)

    def __post_init__(self) -> None:
        self._random = Random(f"plot {self.seed}")
        self._serial = 0
        self._known_contacts: set[str] = set()
        count = self._random.choice([1, 1, 2, 2, 3])
        self._people = [self._person(f"{self.seed:x}-{at}") for at in range(count)]
        self._quotes = [f"q{self.seed:x}-{at}" for at in range(self._random.randint(1, 3))]

    def arrivals(self) -> list[Arrival]:
        """Return everything that arrives, in no order."""
        found: list[Arrival] = []
        for person in self._people:
            for _ in range(self._random.randint(1, 3)):
                found += self._episode(person)
        found = _untied(found)
        again = [one for one in found if self._random.random() < 0.08]
        return found + [self._repeated(one) for one in again if one.table != "crm.contacts"]

    def _episode(self, person: _Person) -> Iterator[Arrival]:
        base = self._base()
        yield from self._contact_versions(person, base)
        for _ in range(self._random.randint(2, 6)):
            yield self._web(person, base)
        if self._random.random() < 0.5:
            yield from self._case(person, base)
        for _ in range(self._random.randint(0, 3)):
            yield self._statement(person, base)
        if self._random.random() < 0.2:
            yield self._receipt(person, base)
        if self._random.random() < 0.2:
            yield self._chat(person, base)

    def _base(self) -> datetime:
        """An instant such that something falls due close to a batch time."""
        return self._random.choice(self.batch_times) - self._edge()

    def _edge(self) -> timedelta:
        pick = self._random
        if pick.random() < 0.3:
            return timedelta(seconds=pick.randint(0, 3 * 86_400))
        nudge = pick.choice(_NUDGES) * pick.choice([-1, 0, 0, 1])
        return timedelta(hours=pick.choice(_EDGES)) + nudge

    def _arrive(self, table: str, at: datetime, values: Mapping[str, object]) -> Arrival:
        self._serial += 1
        key = f"{self.seed:x}-{self._serial}"
        return Arrival(table, key, self._arrival_of(at), values)

    def _arrival_of(self, at: datetime) -> datetime:
        pick = self._random
        if self.dials.is_skewed and pick.random() < 0.03:
            return at - timedelta(minutes=pick.randint(1, 300))
        delays = [
            timedelta(0),
            timedelta(seconds=pick.randint(0, 600)),
            timedelta(hours=pick.randint(0, 8)),
            timedelta(days=pick.randint(0, 9)),
            timedelta(days=pick.randint(9, 60)),
        ]
        delay = pick.choices(delays, weights=[40, 30, 15, 10, 5])[0]
        return at + min(delay, self.dials.longest_delay)

    def _repeated(self, one: Arrival) -> Arrival:
        later = timedelta(hours=self._random.choice([0, 1, 30]))
        return replace(one, arrives_at=one.arrives_at + later)

    def _web(self, person: _Person, base: datetime) -> Arrival:
        pick = self._random
        at = base + self._edge()
        event = pick.choices(
            ["quote_started", "quote_submitted", "login", "page_view"], weights=[9, 5, 4, 1]
        )[0]
        properties: dict[str, object] = {}
        if event.startswith("quote"):
            quote = pick.choice(self._quotes) if pick.random() < 0.97 else None
            properties = {"quote_id": quote, "value": pick.choice(_VALUES), "product": "tv"}
        who: dict[str, object] = {"anonymous_id": self._one_of(person, "devices")}
        if event == "login" or pick.random() < 0.1:
            who |= {
                "user_id": self._one_of(person, "users"),
                "email": self._written(self._one_of(person, "emails")),
            }
        values = {"event": event, "properties": properties, "occurred_at": at, "sent_at": at}
        arrival = _with_key(self._arrive("web.events", at, values | who), "event_id")
        if event == "quote_started":
            return replace(arrival, arrives_at=max(arrival.arrives_at, at))
        return arrival

    def _chat(self, person: _Person, base: datetime) -> Arrival:
        at = base + self._edge()
        values = {
            "conversation_id": f"k{person.number}",
            "anonymous_id": self._one_of(person, "devices"),
            "contact_id": self._one_of(person, "contacts"),
            "email": None,
            "author": "customer",
            "intent": "other",
            "text": "hello",
            "occurred_at": at,
        }
        return _with_key(self._arrive("chat.messages", at, values), "message_id")

    def _case(self, person: _Person, base: datetime) -> Iterator[Arrival]:
        pick = self._random
        opened = base + self._edge()
        named = pick.choice([("emails",), ("phones",), ("contacts",), ("emails", "contacts")])
        first = {name: self._one_of(person, name) for name in named}
        if not any(first.values()):
            first = {"emails": self._one_of(person, "emails")}
        case_id = f"k{self.seed:x}-{self._serial}"
        closed = opened + max(self._edge(), timedelta(0)) + timedelta(seconds=2)
        versions: list[tuple[datetime, str]] = [(opened, "open")]
        if pick.random() < 0.3:
            versions.append((opened + timedelta(seconds=1), "open"))
        if pick.random() < 0.7:
            versions.append((closed, "closed"))
        for number, (updated, status) in enumerate(versions):
            later = number > 0 and self.dials.is_rewritten and pick.random() < 0.3
            who = first | ({"contacts": self._one_of(person, "contacts")} if later else {})
            values = {
                "case_id": case_id,
                "contact_id": who.get("contacts"),
                "email": who.get("emails"),
                "phone": who.get("phones"),
                "topic": "delivery",
                "status": status,
                "priority": "normal",
                "opened_at": opened,
                "closed_at": closed if status == "closed" else None,
                "updated_at": updated,
            }
            at = max(opened, updated)
            arrives = at + max(self._arrival_of(at) - at, timedelta(0))
            yield Arrival("service.cases", case_id, arrives, values)

    def _statement(self, person: _Person, base: datetime) -> Arrival:
        pick = self._random
        channel = pick.choice(["email", "email", "sms"])
        address = {"email": "emails", "sms": "phones"}[channel]
        named = pick.choice([(address,), (address,), ("contacts",), ("contacts", address)])
        at = base + self._edge()
        values = {
            "contact_id": self._one_of(person, "contacts") if "contacts" in named else None,
            "email": self._one_of(person, "emails") if "emails" in named else None,
            "phone": self._one_of(person, "phones") if "phones" in named else None,
            "channel": channel,
            "purpose": pick.choice(["sales", "sales", "sales", "marketing"]),
            "brand": pick.choice([None, None, None, "main", "outlet"]),
            "granted": pick.random() < 0.7,
            "stated_at": at,
            "origin": "preference_centre",
            "proof": None,
        }
        return _with_key(self._arrive("consent.statements", at, values), "statement_id")

    def _receipt(self, person: _Person, base: datetime) -> Arrival:
        channel = self._random.choice(["email", "sms"])
        address = self._one_of(person, {"email": "emails", "sms": "phones"}[channel])
        at = base + self._edge()
        values = {
            "provider": "shop_mail",
            "message_id": None,
            "channel": channel,
            "address": address,
            "status": self._random.choice(["bounced", "complained", "stopped", "opened"]),
            "reason": None,
            "occurred_at": at,
        }
        return _with_key(self._arrive("messaging.receipts", at, values), "receipt_id")

    def _contact_versions(self, person: _Person, base: datetime) -> Iterator[Arrival]:
        for contact_id in person.contacts:
            if not self.dials.is_rewritten and contact_id in self._known_contacts:
                continue
            self._known_contacts.add(contact_id)
            if self._random.random() < 0.6:
                at = base + self._edge()
                values = {
                    "contact_id": contact_id,
                    "first_name": self._random.choice(["Anna", "Ben", "Chris"]),
                    "last_name": None,
                    "email": self._written(self._one_of(person, "emails")),
                    "phone": self._one_of(person, "phones"),
                    "timezone": "America/New_York",
                    "country": "US",
                    "deceased": self._random.random() < 0.03,
                    "created_at": base,
                    "updated_at": at,
                }
                arrives = max(at, self._arrival_of(at))
                yield Arrival("crm.contacts", contact_id, arrives, values)
                if self.dials.is_rewritten and self._random.random() < 0.05:
                    gone = arrives + timedelta(hours=self._random.randint(1, 48))
                    yield Arrival("crm.contacts", contact_id, gone, {}, is_deletion=True)

    def _person(self, number: str) -> _Person:
        pick = self._random
        return _Person(
            number=number,
            devices=tuple(f"a{number}-{at}" for at in range(pick.randint(1, 2))),
            users=tuple(f"u{number}-{at}" for at in range(pick.randint(0, 1))),
            emails=tuple(f"m{number}-{at}@shop.example" for at in range(pick.randint(1, 2))),
            phones=tuple(f"+1{self._digits()}" for _ in range(pick.randint(0, 2))),
            contacts=tuple(f"c{number}-{at}" for at in range(pick.randint(0, 2))),
        )

    def _digits(self) -> str:
        self._serial += 1
        return f"{(self.seed * 37 + self._serial) % 10**10:010d}"

    def _one_of(self, person: _Person, kind: str) -> str | None:
        """One of the person's own, seldom somebody else's: a shared device, a family address."""
        owner = self._random.choice(self._people) if self._random.random() < 0.06 else person
        owned: tuple[str, ...] = getattr(owner, kind)
        return self._random.choice(owned) if owned else None

    def _written(self, email: str | None) -> str | None:
        if email is None:
            return None
        return self._random.choice([email, email, email.upper(), f" {email} ", "no address"])


def _untied(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Move quote starts away from the very instant of an event that could end a journey.

    Whether an instance hears what happened at the instant of its entry is left open by the
    semantics: exit, goal, event is the order of one instant, but a start and its submission that
    a source stamps alike are meant in that order.
    """
    ends = {_moment(one) for one in arrivals if _word(one) in {"quote_submitted", "case_opened"}}
    return [_nudged(one, ends) if _word(one) == "quote_started" else one for one in arrivals]


def _word(arrival: Arrival) -> object:
    return "case_opened" if arrival.table == "service.cases" else arrival.values.get("event")


def _moment(arrival: Arrival) -> object:
    return arrival.values.get("opened_at") or arrival.values.get("occurred_at")


def _nudged(arrival: Arrival, taken: Collection[object]) -> Arrival:
    at = arrival.values["occurred_at"]
    assert isinstance(at, datetime)
    while at in taken:
        at -= timedelta(microseconds=3)
    return replace(arrival, values={**arrival.values, "occurred_at": at})


def _with_key(arrival: Arrival, column: str) -> Arrival:
    return replace(arrival, values={column: arrival.key, **arrival.values})
