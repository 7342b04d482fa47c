"""A scratch fold: the fold's models alone in a small DuckDB file, everything upstream given."""

from baton.scratch.fold import ScratchFold
from baton.scratch.rows import GuardRow, SignalRow

__all__ = ["GuardRow", "ScratchFold", "SignalRow"]
