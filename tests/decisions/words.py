"""What random passes are made of, and chance."""

from datetime import datetime, timedelta
from random import Random

from baton.ids import make_id

HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
LONG_AGO, END_OF_TIME = datetime(2020, 1, 1), datetime(9999, 12, 31)
JOURNEYS = ("quote", "outlet", "fresh", "old")
CLASSES = ("marketing", "sales", "service", "transactional")
BRANDS = ("main", "outlet")
GROUPS = ("g", "h")
GUARDS = ("open_case", "high_value", "recent_buyer")
CHANNELS = {"email": "email", "sms": "phone", "desk": None}
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "America/Havana",
    "Africa/Cairo",
    "Mars/Base",
)


def chance(name: str) -> Random:
    """Return random numbers that are the same for the same name, everywhere."""
    return Random(name)  # noqa: S311


def node_of(name: str) -> str:
    """Return the id of the node that a CRM contact of that name is."""
    return make_id("node", "crm_contact", name)


def hours(count: float) -> timedelta:
    """Return so many hours."""
    return count * HOUR
