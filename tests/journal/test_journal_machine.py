import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from handed import DESTINATION, MINUTE, NOON, block, message, open_at_once
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from journal_model import Model
from sqlalchemy import select

from baton.journal import Answer, ClaimOrder, Verdict
from baton.journal.schema import payloads

LANES = {"service": 2, "marketing": 3}
NUMBERS = st.integers(0, 5)
REASONS = st.sampled_from(
    [None, None, None, "open_case", "switched_off", "superseded", "no_consent"]
)
SCOPES = st.sampled_from([("global", None), ("brand", "b0"), ("person", "p1"), ("person", "p2")])
WORKERS = st.sampled_from(["ann", "bob"])
VERDICTS = st.sampled_from(["accepted", "retry", "risky", "rejected", "unknown", "bounced"])


def facts_of(number):
    """Six messages: three persons, four addresses, two brands, two classes."""
    return {
        "message_id": f"m{number}",
        "node_id": f"n{number % 3}",
        "person_id": f"p{number % 3}",
        "address": f"ann{number % 4}@mail.example",
        "brand": f"b{number % 2}",
        "message_class": "service" if number == 4 else "marketing",
        "priority": number % 2,
        "expires_at": NOON + timedelta(minutes=30 + 20 * number),
    }


class JournalMachine(RuleBasedStateMachine):
    """The journal and the model are told the same things and must answer the same."""

    def __init__(self, new_journal):
        super().__init__()
        self.ends = ExitStack()
        self.journal = self.ends.enter_context(open_at_once(self.ends.enter_context(new_journal())))
        self.model = Model()
        self.now = NOON
        self.claims = {}
        self.sent = Counter()
        self.leases = {name: ExitStack() for name in ("ann", "bob")}
        self.workers = {name: self.begin_work(name) for name in self.leases}
        self.journal.set_simulated_time(NOON)

    def begin_work(self, name):
        return self.leases[name].enter_context(self.journal.working())

    def teardown(self):
        for lease in self.leases.values():
            lease.close()
        self.ends.close()

    @rule(numbers=st.sets(NUMBERS, min_size=1), reason=REASONS, age=st.sampled_from([None, 0, 60]))
    def hand_over(self, numbers, reason, age):
        consent_at = None if age is None else NOON - age * MINUTE
        handed = []
        for number in sorted(numbers):
            facts = facts_of(number)
            handed.append(message(number, **facts, blocked_by=reason, consent_at=consent_at))
            lane = LANES[facts["message_class"]]
            self.model.hand_over(dict(facts, lane=lane), reason, consent_at, self.now)
        self.journal.hand_over(handed, checked_at=self.now)

    @rule(scope=SCOPES, on=st.booleans())
    def switch(self, scope, on):
        act = self.journal.stop if on else self.journal.resume
        act(*scope, reason="test", by="machine")
        (self.model.stopped.add if on else self.model.stopped.discard)(scope)

    @rule(
        number=st.integers(0, 3),
        kind=st.sampled_from(["opt_out", "opt_out", "complaint"]),
        brand=st.sampled_from([None, "b0"]),
        age=st.sampled_from([0, 30, 90]),
    )
    def block_address(self, number, kind, brand, age):
        stated_at = NOON - age * MINUTE
        given = block(number, kind=kind, brand=brand, stated_at=stated_at)
        self.journal.block_addresses([given])
        self.model.blocks.append((given.address, kind, brand, stated_at))

    @rule(minutes=st.sampled_from([1, 10, 16]))
    def let_time_pass(self, minutes):
        self.now += minutes * MINUTE
        self.journal.set_simulated_time(self.now)

    @rule(limit=st.integers(1, 4), retry_class=st.sampled_from(["N", "X"]), by=WORKERS)
    def claim(self, limit, retry_class, by):
        if self.claims:
            retry_class = next(iter(self.claims.values()))[1]
        order = ClaimOrder(retry_class)
        claimed = self.journal.claim(DESTINATION, limit, self.now, self.workers[by], order)
        assert [one.message_id for one in claimed] == self.model.claim(limit, self.now)
        assert all(one.address for one in claimed)
        self.claims |= {one.message_id: (one.attempt_id, retry_class, by) for one in claimed}

    @precondition(lambda self: self.claims)
    @rule(verdict=VERDICTS, wait=st.integers(0, 5), data=st.data())
    def record(self, verdict, wait, data):
        message_id = data.draw(st.sampled_from(sorted(self.claims)))
        attempt_id, *_ = self.claims.pop(message_id)
        state, risky = ("retry", True) if verdict == "risky" else (verdict, verdict == "unknown")
        due = self.now + wait * MINUTE if state == "retry" else None
        answer = Verdict(message_id, state, "test", due, may_be_sent=risky)
        self.journal.record([Answer(attempt_id, "test", (answer,))], self.now)
        self.model.verdict(message_id, state, due, risky, self.now)
        self.sent[message_id] += state == "accepted"

    @rule(who=WORKERS)
    def crash_and_recover(self, who):
        lost = {id_: retry_class for id_, (_, retry_class, by) in self.claims.items() if by == who}
        self.leases[who].close()
        self.journal.recover(self.now)
        self.model.recover(lost, self.now)
        self.claims = {id_: one for id_, one in self.claims.items() if id_ not in lost}
        self.workers[who] = self.begin_work(who)

    @invariant()
    def states_agree_and_the_last_event_says_the_same(self):
        assert self.journal.message_counts() == self.model.counts()
        events = self.journal.feed("message_events", 0)
        last = {event["message_id"]: event["state"] for event in events}
        assert last == {id_: one["state"] for id_, one in self.model.messages.items()}

    @invariant()
    def nothing_is_accepted_twice(self):
        assert max(self.sent.values(), default=0) <= 1

    @invariant()
    def payloads_stand_as_long_as_they_may_be_needed(self):
        query = select(payloads.c.message_id).where(payloads.c.address.is_not(None))
        with self.journal._store.read() as connection:
            kept = set(connection.execute(query).scalars())
        assert kept == {id_ for id_, one in self.model.messages.items() if one["payload"]}


@contextmanager
def copied(file):
    with tempfile.TemporaryDirectory() as directory:
        yield Path(shutil.copy(file, directory))


def check_many_histories(new_journal, histories):
    run_state_machine_as_test(
        lambda: JournalMachine(new_journal),
        settings=settings(
            max_examples=histories,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("histories", [12, pytest.param(150, marks=pytest.mark.long)])
def test_the_journal_behaves_as_its_model(new_journal_file, histories):
    check_many_histories(lambda: copied(new_journal_file), histories)


@pytest.mark.long
def test_the_journal_on_postgres_behaves_as_the_same_model(postgres, new_journal_database):
    check_many_histories(lambda: postgres.database(new_journal_database), 40)
