"""Releases: cards, policies and the checksums of signal and guard SQL under a content hash."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Protocol

import duckdb

from baton.cards import CompiledCard, Project, compile_card, read_project, render
from baton.errors import CheckFailed, UsageError
from baton.ids import make_id

_SQL_FOLDERS = ("signals", "guards")
_ROWS_PER_INSERT = 200
_SQL_PARTS = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|/\*.*?\*/|\{\#.*?\#\}|\s+""",
    re.DOTALL | re.VERBOSE,
)
_CARD_COLUMNS = (
    "journey",
    "card_hash",
    "owner",
    "purpose",
    "brand",
    "key",
    "reentry",
    "cooldown_s",
    "horizon_s",
    "grace_s",
    "max_steps",
    "require_fresh",
    "card_text",
)

Row = dict[str, object]
