"""What arrives: one record of one table, on its way to a landing file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Arrival:
    """One record; `key` identifies it in its table. Times are naive UTC."""

    table: str
    key: str
    arrives_at: datetime
    values: Mapping[str, object]
    is_deletion: bool = False
