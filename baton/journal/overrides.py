"""What stewards decided about pairs of identifiers: append-only, the latest of a pair counts.

Node ids alone, never a value.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from baton.errors import UsageError
from baton.ids import make_id
from baton.journal.clock import wall_clock
from baton.journal.schema import identity_overrides
from baton.journal.store import Store
from baton.journal.tools import chunks

Kind = Literal["force", "never", "lifted"]
LIFTED: Kind = "lifted"
ERASED = "erased"
_PART = 500


@dataclass(frozen=True)
class Override:
    """One decision about a pair, the lower node id first; `force` joins, `never` keeps apart.

    `lifted` takes back what stood before. `decided_at` is naive UTC.
    """

    seq: int
    override_id: str
    kind: Kind
    node_a_id: str
    node_b_id: str
    decided_by: str
    reason: str
    decided_at: datetime


class OverrideLedger:
    """Identity overrides of one journal. Every method is one transaction."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def decide(
        self,
        kind: Kind,
        node_ids: tuple[str, str],
        *,
        reason: str,
        by: str,
        policy: Kind | None = None,
    ) -> Override:
        """Append a decision, which the next batch takes in.

        `policy` is what the live release says of the pair: it stands until the journal says
        otherwise. Raises UsageError for one identifier with itself, without a reason or a name,
        when the same stands already, or when there is nothing to take back.
        """
        pair, now = _pair(node_ids), self._now()
        _require_grounds(reason, by)
        with self._store.write() as connection:
            _require_sense(kind, _stands(connection, pair) or policy)
            return _append(connection, kind, pair, reason=reason, by=by, at=now)

    def check(
        self,
        kind: Kind,
        node_ids: tuple[str, str],
        *,
        reason: str,
        by: str,
        policy: Kind | None = None,
    ) -> None:
        """Raise what `decide` would raise, and decide nothing."""
        _require_grounds(reason, by)
        with self._store.read() as connection:
            _require_sense(kind, _stands(connection, _pair(node_ids)) or policy)

    def standing(self) -> list[Override]:
        """Those that count now, oldest first."""
        return [one for one in self.latest() if one.kind != LIFTED]

    def latest(self) -> list[Override]:
        """The latest of each pair, oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(_LATEST.order_by(identity_overrides.c.seq)).all()
        return [_override(row) for row in rows]

    def all(self) -> list[Override]:
        """The whole log, oldest first."""
        with self._store.read() as connection:
            query = select(*_COLUMNS).order_by(identity_overrides.c.seq)
            return [_override(row) for row in connection.execute(query).all()]


def lift_of_erased(
    connection: Connection, node_ids: Collection[str], *, by: str, at: datetime
) -> None:
    """Take back what stands about these: who comes back as somebody new is not joined to anybody.

    Nothing is blanked: node ids alone say nothing of a person who is gone.
    """
    for part in chunks(sorted(node_ids), _PART):
        named = or_(
            identity_overrides.c.node_a_id.in_(part), identity_overrides.c.node_b_id.in_(part)
        )
        for row in connection.execute(_LATEST.where(named)).all():
            if row.kind != LIFTED:
                pair = (row.node_a_id, row.node_b_id)
                _append(connection, LIFTED, pair, reason=ERASED, by=by, at=at)


def _append(
    connection: Connection, kind: Kind, pair: tuple[str, str], *, reason: str, by: str, at: datetime
) -> Override:
    wall_at = wall_clock()
    entry = identity_overrides.insert().values(
        override_id=make_id("identity_override", kind, *pair, wall_at),
        kind=kind,
        node_a_id=pair[0],
        node_b_id=pair[1],
        decided_by=by,
        reason=reason,
        decided_at=at,
        recorded_wall_at=wall_at,
    )
    return _override(connection.execute(entry.returning(*_COLUMNS)).one())


def _stands(connection: Connection, pair: tuple[str, str]) -> str | None:
    """The kind of the latest decision about a pair, null without one."""
    last = connection.execute(_LATEST.where(*_is_of(pair))).first()
    return last.kind if last else None


def _require_grounds(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise _refused("a decision about identity needs a reason and a name", "say why, and who")


def _require_sense(kind: Kind, stands: str | None) -> None:
    if kind == LIFTED and stands in (None, LIFTED):
        raise _refused(
            "nothing was decided about these two", "`baton identity overrides` lists what stands"
        )
    if kind == stands:
        done = "joined" if kind == "force" else "kept apart"
        raise _refused(f"these two are {done} by a decision already", "there is nothing to do")


def _pair(node_ids: tuple[str, str]) -> tuple[str, str]:
    low, high = sorted(node_ids)
    if low == high:
        raise _refused("both name the same identifier", "name two identifiers")
    return low, high


def _is_of(pair: tuple[str, str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return identity_overrides.c.node_a_id == pair[0], identity_overrides.c.node_b_id == pair[1]


def _refused(what: str, mend: str) -> UsageError:
    return UsageError(what, where="baton identity", mend=mend)


def _override(row: Row[Any]) -> Override:
    return Override(*row)


_COLUMNS = [one for one in identity_overrides.c if one.name != "recorded_wall_at"]
_NEWEST = select(func.max(identity_overrides.c.seq)).group_by(
    identity_overrides.c.node_a_id, identity_overrides.c.node_b_id
)
_LATEST = select(*_COLUMNS).where(identity_overrides.c.seq.in_(_NEWEST))
