"""The last digest of the ledgers, kept in the journal beside each activation."""

import duckdb

from baton.audit.sealing import last_link
from baton.journal import Journal


def keep_digest(con: duckdb.DuckDBPyConnection, journal: Journal, release_id: str) -> str | None:
    """Keep the last digest of the chain beside a release; return it, null while there is none.

    Whoever changes the warehouse and makes the chain again must change the journal as well, and
    wherever else the digest was kept.
    """
    head = last_link(con)
    if head is None:
        return None
    journal.ledgers.anchor(
        link=head.link, digest=head.digest, release_id=release_id, at=journal.now()
    )
    return head.digest
