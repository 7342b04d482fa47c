"""Fields of the CRM that say no: set at one export, taken back at another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .identifiers import hub_of_contact
from .records import Contact, Record

FLAGS = ("do_not_contact", "is_deceased", "email_opt_out", "sms_opt_out")


@dataclass(frozen=True)
class Change:
    """A flag that an export set, or took back."""

    node_id: str
    flag: str
    is_set: bool
    at: datetime


def changes(records: Iterable[Record]) -> Iterator[Change]:
    """Yield every change, of each contact in the order of its exports. A deletion changes none."""
    standing: dict[tuple[str, str], bool] = {}
    versions = [one for one in records if isinstance(one, Contact) and not one.is_deleted]
    for version in sorted(versions, key=lambda one: one.load.seq):
        for flag in FLAGS:
            key = version.contact_id, flag
            is_set = bool(getattr(version, flag))
            if is_set != standing.get(key, False):
                standing[key] = is_set
                at = min(version.updated_at, version.load.at)
                yield Change(hub_of_contact(version), flag, is_set, at)
