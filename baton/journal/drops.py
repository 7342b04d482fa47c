"""File drops that were done: name, content, time."""

from datetime import datetime

from sqlalchemy import Connection, select

from baton.journal.schema import drops


def record_drop(
    connection: Connection, name: str, content_hash: str, *, row_count: int, at: datetime
) -> bool:
    """Record a drop; false when the last drop of that name had the same content."""
    query = select(drops.c.content_hash).where(drops.c.name == name)
    last = connection.execute(query.order_by(drops.c.seq.desc()).limit(1)).scalar()
    if last == content_hash:
        return False
    entry = {"name": name, "content_hash": content_hash, "row_count": row_count, "dropped_at": at}
    connection.execute(drops.insert().values(**entry))
    return True
