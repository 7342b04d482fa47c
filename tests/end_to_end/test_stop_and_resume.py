"""A journey is stopped while another process runs a batch, and resumed later."""

import time
from dataclasses import dataclass

import pytest

from baton.errors import Busy
from baton.journal import Journal
from baton.warehouse import reader

from .commands import call, start
from .day import Day
from .records import after
from .stories.changed_minds import CAME_BACK, CONTENT
from .stories.lost_mail import OUT_OF_REACH

JOURNEY = ("journey", "quote_stalled", "--reason", "wrong price list")


@dataclass
class Afternoon:
    """What was found at each moment."""

    day: Day
    was_locked: bool
    stop_code: int
    batch_code: int
    batch_words: str
    sent_during: dict[str, int]
    sent_after: dict[str, int]
    received_while_stopped: list[str]


def land_broken(landing):
    """One broken line, one file without a required column, one value of a wrong type."""
    broken = {
        "web/events-broken.jsonl": '{"event_id": "ev-broken", "event": "page_view"\n',
        "consent/statements-broken.csv": "statement_id,purpose,granted,stated_at\n"
        "st-broken,sales,true,2026-03-02T10:00:00\n",
        "chat/messages-broken.jsonl": '{"message_id": "ch-broken", "conversation_id": "cv", '
        '"occurred_at": "yesterday"}\n',
    }
    for name, text in broken.items():
        (landing / name).parent.mkdir(exist_ok=True)
        (landing / name).write_text(text, encoding="utf-8")


def wait_until_it_works(batch, warehouse):
    """Wait for the log that the first write of a batch makes; it is gone when the batch ends."""
    log = warehouse.with_name(f"{warehouse.name}.wal")
    deadline = time.monotonic() + 120
    while not log.exists():
        assert batch.poll() is None, batch.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def requests(report):
    """Messages that were sent, by destination."""
    return {name: sum(states.values()) for name, states in report.by_destination.items()}


def is_locked(warehouse):
    try:
        with reader(warehouse):
            return False
    except Busy:
        return True


@pytest.fixture(scope="module")
def afternoon(shop, at_the_root):
    """Reminders wait to be sent; a batch starts elsewhere; the journey is stopped meanwhile."""
    with shop.reopen(at_the_root) as installation:
        land_broken(installation.project.landing)
        installation.journal.set_simulated_time(after(134))
        environment = installation.environment()
        batch = start(shop.root, environment, "run")
        wait_until_it_works(batch, installation.project.warehouse)
        stopped = call(shop.root, environment, "stop", *JOURNEY)
        was_locked = is_locked(installation.project.warehouse) and batch.poll() is None
        sent_during = requests(installation.send())
        words = "".join(batch.communicate())
        sent_after = requests(installation.send())
        here = Day(installation)
        yield Afternoon(
            day=here,
            was_locked=was_locked,
            stop_code=stopped.exit_code,
            batch_code=batch.returncode,
            batch_words=words,
            sent_during=sent_during,
            sent_after=sent_after,
            received_while_stopped=here.received(CONTENT, CAME_BACK),
        )


def test_a_journey_can_be_stopped_while_another_process_holds_the_warehouse(afternoon):
    assert afternoon.stop_code == 0
    assert afternoon.was_locked


def test_nothing_of_a_stopped_journey_is_claimed_during_the_batch_or_after_it(afternoon):
    assert "shop_mail" not in afternoon.sent_during | afternoon.sent_after
    assert afternoon.received_while_stopped == []


def test_other_journeys_go_on(afternoon):
    assert afternoon.sent_during == {"sms_gateway": 1, "service_desk": 1}
    assert afternoon.day.received(OUT_OF_REACH) == ["sms_gateway"]


def test_broken_records_are_set_aside_and_named_and_the_batch_goes_on(afternoon):
    assert afternoon.batch_code == 3
    assert "3 records are in quarantine" in afternoon.batch_words
    rows = afternoon.day.rows("select source, reason from raw.quarantine order by source")
    assert [(row["source"], row["reason"]) for row in rows] == [
        ("chat.messages", "bad_time"),
        ("consent.statements", "missing_column"),
        ("web.events", "bad_json"),
    ]


def test_after_the_resume_it_goes_out_unless_it_has_expired(afternoon, shop):
    day, installation = afternoon.day, afternoon.day.installation
    (patient,) = day.messages(CAME_BACK)
    environment = installation.environment()
    with Journal.open(installation.project.journal) as journal:
        journal.stop("person", patient["person_id"], reason="asked to wait", by="test")
    assert call(shop.root, environment, "resume", *JOURNEY, "--held", "release").exit_code == 0
    installation.batch(after(136))
    installation.send()
    assert day.received(CONTENT, CAME_BACK) == ["email"]

    installation.journal.set_simulated_time(after(125 + 12 * 60))
    installation.journal.resume("person", patient["person_id"], reason="done", by="test")
    installation.send()
    (message,) = day.messages(CAME_BACK)
    assert (message["state"], message["reason"]) == ("cancelled", "expired")
    assert day.received(CONTENT, CAME_BACK) == ["email"]
