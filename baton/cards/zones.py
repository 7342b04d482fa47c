"""Names of time zones that Python and the warehouse both know."""

from functools import cache
from zoneinfo import available_timezones

from baton.cards.hints import near_hint

DEFAULT_ZONE = "UTC"

_OF_THE_MACHINE = frozenset({"localtime", "Factory", "posixrules"})


@cache
def zones() -> frozenset[str]:
    """Return the names of the time zone database, without those of the machine itself."""
    return frozenset(available_timezones()) - _OF_THE_MACHINE


def zone_mend(written: str) -> str:
    """Return the nearest zone as a question, else how zones are written."""
    same_city = (zone for zone in sorted(zones()) if _city(zone) == _city(written))
    nearest = next(same_city, None)
    hint = f"did you mean `{nearest}`?" if nearest else near_hint(written, zones())
    return hint or "write a name such as `Europe/Berlin`, or `UTC`"


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].casefold()
