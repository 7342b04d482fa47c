"""Who is who: by which evidence, and what stewards say about it."""

from baton.identity.deciding import Prospect, prospect
from baton.identity.ends import End, find_end
from baton.identity.stories import conflicts, of_pair, of_person, overrides

__all__ = [
    "End",
    "Prospect",
    "conflicts",
    "find_end",
    "of_pair",
    "of_person",
    "overrides",
    "prospect",
]
