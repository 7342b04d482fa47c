"""What stewards decided about pairs of identifiers: append-only, the latest of a pair counts.

Node ids alone, never a value.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, or_, select

from baton.errors import UsageError
from baton.ids import make_id
from baton.journal.clock import wall_clock
from baton.journal.schema import identity_overrides
from baton.journal.store import Store
from baton.journal.tools import chunks

Kind = Literal["force", "never", "lifted"]
Pair = tuple[str, str]
LIFTED: Kind = "lifted"
ERASED = "erased"
_PART = 500


@dataclass(frozen=True)
class Override:
    """What was decided about a pair, the lower node id first: `force` joins, `never` keeps apart.

    `lifted` takes back what stood before. Those of one decision share its id. `decided_at` is
    naive UTC.
    """

    seq: int
    override_id: str
    decision_id: str
    kind: Kind
    node_a_id: str
    node_b_id: str
    decided_by: str
    reason: str
    decided_at: datetime


@dataclass(frozen=True)
class _Said:
    decision_id: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Wish:
    """What is to be decided about a pair.

    `along` are pairs to be joined with it: accounts of which a person may have one only. `against`
    are pairs that decisions join and that must not stand beside it.
    `policy` is what the live release says of the pair: it stands until the journal says otherwise.
    """

    kind: Kind
    node_ids: Pair
    along: tuple[Pair, ...] = ()
    against: tuple[Pair, ...] = ()
    policy: Kind | None = None


class OverrideLedger:
    """Identity overrides of one journal. Every method is one transaction."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def decide(self, wish: Wish, *, reason: str, by: str) -> list[Override]:
        """Append a decision, which the next batch takes in; the named pair is the first of it.

        What a decision to join had said of other pairs is taken back with it. Raises UsageError
        for one identifier with itself, without a reason or a name, when the same stands already,
        when other decisions say the opposite, or when there is nothing to take back.
        """
        now = self._now()
        with self._store.write() as connection:
            rows = _rows(connection, wish, reason, by)
            decision_id = make_id("identity_decision", *rows[0], wall_clock())
            said = _Said(decision_id, reason, by, now)
            return [_append(connection, kind, (low, high), said) for kind, low, high in rows]

    def check(self, wish: Wish, *, reason: str, by: str) -> None:
        """Raise what `decide` would raise, and decide nothing."""
        with self._store.read() as connection:
            _rows(connection, wish, reason, by)

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
                _append(connection, LIFTED, pair, _Said(row.decision_id, ERASED, by, at))


def _rows(connection: Connection, wish: Wish, reason: str, by: str) -> list[tuple[Kind, str, str]]:
    """What to append: the named pair, and what changes with it."""
    if not reason.strip() or not by.strip():
        raise _refused("a decision about identity needs a reason and a name", "say why, and who")
    pair = _ordered(wish.node_ids)
    stands = _of(connection, pair)
    _require_sense(wish.kind, stands.kind if stands else wish.policy)
    if wish.kind == "force":
        others = [_ordered(one) for one in wish.along]
        said = {one: _of(connection, one) for one in others if one != pair}
        if any(old is not None and old.kind == "never" for old in said.values()):
            raise _refused(
                "a decision keeps accounts of the two apart",
                "`baton identity explain` of both shows it: lift that first",
            )
        return [
            ("force", *pair),
            *(("force", *one) for one, old in said.items() if old is None or old.kind != "force"),
        ]
    gone = dict.fromkeys((pair, *map(_ordered, wish.against)))
    lifted = {one for joined in gone for one in _taken_back(connection, _of(connection, joined))}
    lifted |= set(gone)
    return [(wish.kind, *pair), *((LIFTED, *one) for one in sorted(lifted - {pair}))]


def _taken_back(connection: Connection, stands: Override | None) -> set[Pair]:
    """All pairs of a decision to join that stand, when one of them is taken back."""
    if stands is None or stands.kind != "force":
        return set()
    same = identity_overrides.c.decision_id == stands.decision_id
    rows = [_override(row) for row in connection.execute(_LATEST.where(same)).all()]
    return {(one.node_a_id, one.node_b_id) for one in rows if one.kind == "force"}


def _append(connection: Connection, kind: Kind, pair: Pair, said: _Said) -> Override:
    wall_at = wall_clock()
    entry = identity_overrides.insert().values(
        override_id=make_id("identity_override", said.decision_id, kind, *pair, wall_at),
        decision_id=said.decision_id,
        kind=kind,
        node_a_id=pair[0],
        node_b_id=pair[1],
        decided_by=said.by,
        reason=said.reason,
        decided_at=said.at,
        recorded_wall_at=wall_at,
    )
    return _override(connection.execute(entry.returning(*_COLUMNS)).one())


def _of(connection: Connection, pair: Pair) -> Override | None:
    """The latest decision about a pair, null without one."""
    is_of = identity_overrides.c.node_a_id == pair[0], identity_overrides.c.node_b_id == pair[1]
    row = connection.execute(_LATEST.where(*is_of)).first()
    return _override(row) if row else None


def _require_sense(kind: Kind, stands: str | None) -> None:
    if kind == LIFTED and stands in (None, LIFTED):
        raise _refused(
            "nothing was decided about these two", "`baton identity overrides` lists what stands"
        )
    if kind == stands:
        done = "joined" if kind == "force" else "kept apart"
        raise _refused(f"these two are {done} by a decision already", "there is nothing to do")


def _ordered(pair: Pair) -> Pair:
    low, high = sorted(pair)
    if low == high:
        raise _refused("both name the same identifier", "name two identifiers")
    return low, high


def _refused(what: str, mend: str) -> UsageError:
    return UsageError(what, where="baton identity", mend=mend)


def _override(row: Row[Any]) -> Override:
    return Override(*row)


_COLUMNS = [one for one in identity_overrides.c if one.name != "recorded_wall_at"]
_NEWEST = select(func.max(identity_overrides.c.seq)).group_by(
    identity_overrides.c.node_a_id, identity_overrides.c.node_b_id
)
_LATEST = select(*_COLUMNS).where(identity_overrides.c.seq.in_(_NEWEST))
