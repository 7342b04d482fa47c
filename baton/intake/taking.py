"""Take in what has landed: one window, one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from baton.errors import UsageError
from baton.ids import make_id
from baton.intake import faults, history, settle, snapshot, stage, store
from baton.intake.extents import Extent, prefix_hash
from baton.intake.judge import Arrived, Duplicate, SeenAgain, Take, Wait, judge
from baton.intake.landing import Landed, listed
from baton.intake.ledger import Entry, Known, declaration_of, record, restat, supersede_held, to_judge
from baton.intake.prepare import require_prepared
from baton.intake.readers import read, read_feed
from baton.intake.source import Source
from baton.intake.sql import transaction
from baton.intake.store import Counts
from baton.intake.watermark import earliest_unread, watermark
from baton.intake.window import Window, latest_window, record_window
