"""People who go on elsewhere, and persons who turn out to be one."""

from dataclasses import replace

from ..records import Arrival, Customer, chat, quote_started, web

CHATTED = Customer("chatted")
LOGGED_IN = Customer("logged_in")
LEFT_AN_EMAIL = Customer("left_an_email")
ANNE = Customer("anne")
ANN = Customer("ann")
ROBERT = Customer("robert")
BOB = Customer("bob")

SHARED_QUOTE = "q-anne-and-ann"
LATE_QUOTE = "q-robert-and-bob"


def same_person(one: Customer, other: Customer, *, at: float) -> Arrival:
    """An event on the device of one that names the address of the other."""
    event = web(one, "login", at=at, by=("device",))
    return replace(event, values={**event.values, "email": other.email})


CUSTOMERS = (CHATTED, LOGGED_IN, LEFT_AN_EMAIL, ANNE, ANN, ROBERT, BOB)
ARRIVALS = (
    quote_started(CHATTED, by=("device",)),
    chat(CHATTED, "customer", at=70),
    web(LOGGED_IN, "login", at=-900, by=("user", "email")).late(0),
    quote_started(LOGGED_IN, by=("device",)),
    web(LOGGED_IN, "login", at=70, by=("device", "user")),
    quote_started(LEFT_AN_EMAIL, by=("device",)),
    web(LEFT_AN_EMAIL, "page_view", at=70, by=("device", "email")),
    quote_started(ANNE, quote_id=SHARED_QUOTE),
    quote_started(ANN, at=12, quote_id=SHARED_QUOTE),
    same_person(ANNE, ANN, at=100),
    quote_started(ROBERT, quote_id=LATE_QUOTE),
    quote_started(BOB, at=2, quote_id=LATE_QUOTE).late(150),
    same_person(ROBERT, BOB, at=150),
)
