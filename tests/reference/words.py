"""Every yes and no, whatever the path: each about one channel, and an address or a person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .crm_flags import changes
from .identifiers import address_node, hub_of
from .records import Case, ChatMessage, Receipt, Record, Statement

PURPOSES = ("marketing", "sales", "service", "transactional")
ALL = "all"
_CHANNELS = ("email", "sms")
_FIELDS = {"email_opt_out": "email", "sms_opt_out": "sms"}


@dataclass(frozen=True)
class Word:
    """`of_address`: it names an address, `address_id` (None: one that cannot be used)."""

    node_id: str
    of_address: bool
    address_id: str | None
    channel: str
    purpose: str
    brand: str
    is_granted: bool
    stated_at: datetime
    valid_until: datetime | None = None
    is_confirmed: bool | None = None

    @property
    def purposes(self) -> tuple[str, ...]:
        """The known purposes that it is about."""
        return tuple(one for one in PURPOSES if self.purpose in (one, ALL))

    def covers(self, purpose: str, brand: str) -> bool:
        """Tell whether it is about a purpose of a brand."""
        return self.purpose in (purpose, ALL) and self.brand in (brand, ALL)


def words(records: Iterable[Record]) -> list[Word]:
    """Return all that was said by somebody who can be told from others."""
    known = tuple(records)
    return [*_recorded(known), *_of_fields(known), *_of_cases(known)]


def _recorded(records: Iterable[Record]) -> Iterator[Word]:
    for one in records:
        match one:
            case Statement():
                yield from _of_statement(one)
            case Receipt(status="unsubscribed"):
                node = address_node(one.channel, one.address)
                at = min(one.occurred_at, one.load.at)
                for purpose in ("marketing", "sales") if node else ():
                    yield Word(node.id, True, node.id, one.channel, purpose, ALL, False, at)
            case ChatMessage(intent="opt_out"):
                facts = one.properties
                channel, purpose, brand = (
                    str(facts.get(name) or ALL) for name in ("channel", "purpose", "brand")
                )
                at = min(one.occurred_at, one.load.at)
                yield from _of_person(hub_of(one), channel, purpose, brand, at)
            case _:
                pass


def _of_statement(said: Statement) -> Iterator[Word]:
    hub = hub_of(said)
    if hub is None:
        return
    for channel in _meant(said.channel):
        written = said.email if channel == "email" else said.phone
        address = address_node(channel, written)
        names_one = said.email is not None or said.phone is not None
        yield Word(
            hub,
            address is not None if said.channel == ALL else names_one,
            address.id if address else None,
            channel,
            said.purpose,
            said.brand or "main",
            said.is_granted,
            min(said.stated_at, said.load.at),
            said.valid_until if said.is_granted else None,
            said.is_confirmed,
        )


def _of_fields(records: Iterable[Record]) -> Iterator[Word]:
    for one in changes(records):
        if one.is_set and one.flag in _FIELDS:
            yield from _of_person(one.node_id, _FIELDS[one.flag], ALL, ALL, one.at)


def _of_cases(records: Iterable[Record]) -> Iterator[Word]:
    cases = [one for one in records if isinstance(one, Case) and one.topic == "opt_out"]
    latest: dict[tuple[str, str | None], Case] = {}
    for case in sorted(cases, key=lambda one: one.load.seq):
        if not case.is_deleted:
            latest[case.case_id, hub_of(case)] = case
    for (_, hub), case in latest.items():
        at = min(case.opened_at or case.updated_at, case.load.at)
        yield from _of_person(hub, ALL, ALL, ALL, at)


def _of_person(
    node_id: str | None, channel: str, purpose: str, brand: str, at: datetime
) -> Iterator[Word]:
    for meant in _meant(channel) if node_id else ():
        yield Word(node_id, False, None, meant, purpose, brand, False, at)


def _meant(channel: str) -> tuple[str, ...]:
    return _CHANNELS if channel == ALL else (channel,)
