"""Erasure: one plan of what is to go, carried out in the journal, the warehouse and the files.

The journal acts first and at once; the warehouse and the landed files follow, at the latest with
the next batch, and again after a crash, until the ledger of erasures says that it is done.
"""

from baton.erasing.finishing import finish, note_returns
from baton.erasing.landed import blank_landed
from baton.erasing.missed import left_to_blank, mend_of
from baton.erasing.switched_off import all_sources
from baton.erasing.warehouse import Person, counted, find_person

__all__ = [
    "Person",
    "all_sources",
    "blank_landed",
    "counted",
    "find_person",
    "finish",
    "left_to_blank",
    "mend_of",
    "note_returns",
]
