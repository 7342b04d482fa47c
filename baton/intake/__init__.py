"""Intake: what lands as files, stands in tables, or the journal wrote becomes rows of `raw.*`.

`sources_from_manifest` says what is declared, `prepare` brings the schema raw to it, `take_in`
opens a window and loads what has arrived, `commit_window` closes it inside the caller's
transaction. A record ends in exactly one place: loaded, unchanged, duplicate or quarantined.
"""

from baton.intake.declared import sources_from_manifest
from baton.intake.feeds import Feed
from baton.intake.ledger import last_of_feed, last_of_feeds
from baton.intake.prepare import prepare
from baton.intake.source import Column, Reading, Source
from baton.intake.store import Counts
from baton.intake.taking import take_in
from baton.intake.window import Delivery, Window, commit_window

__all__ = [
    "Column",
    "Counts",
    "Delivery",
    "Feed",
    "Reading",
    "Source",
    "Window",
    "commit_window",
    "last_of_feed",
    "last_of_feeds",
    "prepare",
    "sources_from_manifest",
    "take_in",
]
