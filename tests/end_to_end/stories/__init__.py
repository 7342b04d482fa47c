"""The people of one day and what happens to them; each module tells the stories of one kind.

Quotes start at 5 minutes and are due for a reminder at 125, unless a story says otherwise.
Batches run at `CLOSES`. What is decided at 130 and 132 is sent at 133, while the SMS gateway
refuses whatever it gets; at 160 it takes texts again.
"""

from collections.abc import Iterator

from ..records import Arrival, Customer, contact, contact_with
from . import changed_minds, handoffs, lost_mail, many_paths, other_fates, switched_channels

CLOSES = (0, 60, 130, 132, 133, 160)

_ALL = (changed_minds, many_paths, lost_mail, switched_channels, handoffs, other_fates)


def customers() -> list[Customer]:
    """Everyone."""
    return [one for story in _ALL for one in story.CUSTOMERS]


def arrivals() -> Iterator[Arrival]:
    """Everything that is delivered."""
    for story in _ALL:
        for customer in story.CUSTOMERS:
            yield from customer.base()
        yield from story.ARRIVALS
    yield from _later_export()


def _later_export() -> Iterator[Arrival]:
    """The CRM as it stands when messages wait: all contacts, some of them with a flag."""
    for customer in customers():
        flag = many_paths.FLAGS.get(customer)
        late = many_paths.LATE
        yield contact_with(customer, flag, at=late) if flag else contact(customer).late(late)
