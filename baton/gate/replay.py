"""Recent history decided again on a rewound copy, slice by slice, sending nothing.

Every message goes out at once and is accepted, unless history knows of the same message: then it
goes as it went. What journal and tools said otherwise arrives when it arrived.
"""

import time
from collections.abc import Callable
from datetime import datetime

import duckdb

from baton.gate.rewinding import ASIDE, loaded_tables
from baton.gate.slices import Slice, Span
from baton.hot_path import or_plain
from baton.intake import Window, commit_window
from baton.intake.window import record_window
from baton.micro_batch import MicroBatch
from baton.warehouse import transaction

_EVENTS = "journal_message_events"
_ACTIVATIONS = "journal_activations"
_SYNTHETIC = ("pending", "claimed", "accepted")


def live_in(con: duckdb.DuckDBPyConnection) -> str:
    """Return the release that is live as far as the last batch knew; blank when none was."""
    row = con.execute(
        f"""select a.release_id from raw.{_ACTIVATIONS} as a
        group by a.release_id having arg_max(a.kind, a.seq) = 'activate'
        order by max(a.seq) desc limit 1"""
    ).fetchone()
    return row[0] if row else ""


class Replay:
    """Gives a rewound copy its slices back and decides them by the project's text.

    `release_id` is what becomes live with the first slice, null for what is live already.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        batches: MicroBatch,
        span: Span,
        release_id: str | None,
    ) -> None:
        self._con = con
        self._batches = batches
        self._span = span
        self._release_id = release_id
        self._seq = span.start.to_seq
        self._outbox = batches.dbt.relation("outbox")

    def run(self, progress: Callable[[int], None] = lambda _: None) -> float:
        """Decide all slices; returns the seconds that the first took, in which SQL may be new.

        Raises `BatonError` naming the model that failed.
        """
        first = 0.0
        for number, one in enumerate(self._span.slices):
            progress(number)
            window = self._give(one, is_first=number == 0)
            since = time.perf_counter()
            self._decide(window)
            first = first or time.perf_counter() - since
        return first

    def _give(self, one: Slice, *, is_first: bool) -> Window:
        """Load what the slice loaded, with numbers after those that are given already."""
        con, before = self._con, self._seq
        with transaction(con):
            for table in loaded_tables(con):
                if table.name not in (_EVENTS, _ACTIVATIONS):
                    self._load(table.name, table.sequence, one)
            self._seq += one.to_seq - one.from_seq
            self._tell_events(one)
            if is_first:
                self._tell_activations(one)
            window = Window(
                one.window_id,
                one.batch_time,
                before,
                self._seq,
                one.watermark,
                "open",
                is_redo=False,
                deliveries=(),
            )
            record_window(con, window, opened_at=one.batch_time)
        return window

    def _load(self, table: str, sequence: str, one: Slice) -> None:
        shift = self._seq - one.from_seq
        self._con.execute(
            f"""insert into raw.{table} by name
            select r.* replace (r.{sequence} + {shift} as {sequence}) from {ASIDE}.{table} as r
            where r.{sequence} > {one.from_seq} and r.{sequence} <= {one.to_seq}"""
        )

    def _tell_events(self, one: Slice) -> None:
        """Events of messages that went out before: from history where it has them, else accepted.

        History's events of a message wait until the message is there.
        """
        self._insert(
            _EVENTS,
            f"""select h.* from {ASIDE}.{_EVENTS} as h
            where h._loaded_seq <= {one.to_seq}
                and h.message_id in (select o.message_id from {self._outbox} as o)
                and h.seq not in (select e.seq from raw.{_EVENTS} as e)
            order by h.seq""",
            one,
        )
        self._insert(
            _EVENTS,
            f"""select n.next_seq + row_number() over (order by o.message_id, s.step) as seq,
                o.message_id, o.candidate_id, o.entry_node_id as node_id, o.contact_point_id,
                o.journey, o.action, o.channel, o.destination, o.class, s.state,
                md5(o.message_id) as attempt_id, o.decided_at as occurred_at
            from {self._outbox} as o
            cross join (
                select unnest({list(_SYNTHETIC)}) as state, generate_subscripts(
                    {list(_SYNTHETIC)}, 1
                ) as step
            ) as s
            cross join (
                select greatest(
                    coalesce((select max(e.seq) from raw.{_EVENTS} as e), 0),
                    coalesce((select max(h.seq) from {ASIDE}.{_EVENTS} as h), 0)
                ) as next_seq
            ) as n
            where o.window_id > {self._span.start.window_id}
                and o.message_id not in (select h.message_id from {ASIDE}.{_EVENTS} as h)
                and o.message_id not in (select e.message_id from raw.{_EVENTS} as e)
            order by seq""",
            one,
        )

    def _tell_activations(self, one: Slice) -> None:
        """What the log has learnt since counts from the start, and then what is planned."""
        start = self._span.start
        self._insert(
            _ACTIVATIONS,
            f"""select a.* replace (
                timestamp '{start.batch_time}' as active_from
            ) from {ASIDE}.{_ACTIVATIONS} as a order by a.seq""",
            one,
        )
        if self._release_id is not None:
            self._insert(
                _ACTIVATIONS,
                f"""select max(a.seq) + 1 as seq, '{self._release_id}' as release_id,
                    'activate' as kind, timestamp '{start.batch_time}' as active_from,
                    'plan' as set_by, 'plan' as reason,
                    timestamp '{start.batch_time}' as recorded_at
                from raw.{_ACTIVATIONS} as a""",
                one,
            )

    def _insert(self, table: str, query: str, one: Slice) -> None:
        """Insert rows as loaded by this slice, each with a number of its own."""
        con, at = self._con, _literal(one.batch_time)
        con.execute(f"create or replace temporary table told as {query}")
        columns = {row[0] for row in con.execute("describe told").fetchall()}
        known = {"_loaded_seq", "_loaded_at", "_received_at"} & columns
        rest = f"exclude ({', '.join(sorted(known))})" if known else ""
        con.execute(
            f"""insert into raw.{table} by name
            select t.* {rest}, {self._seq} + row_number() over (order by t.seq) as _loaded_seq,
                {at} as _loaded_at, {at} as _received_at
                {"" if "_deleted" in columns else ", false as _deleted"}
            from told as t"""
        )
        row = con.execute("select count(*) from told").fetchone()
        self._seq += row[0] if row else 0

    def _decide(self, window: Window) -> None:
        checksum = self._batches.dbt.checksum()

        def work() -> list[object]:
            self._batches.hot.prepare(self._con, checksum)
            with transaction(self._con):
                nodes = self._batches.decide(self._con, checksum)
                commit_window(self._con, window, at=window.batch_time)
                return list(nodes)

        or_plain(self._batches.hot, work)  # pyright: ignore[reportArgumentType]


def _literal(at: datetime) -> str:
    return f"timestamp '{at}'"
