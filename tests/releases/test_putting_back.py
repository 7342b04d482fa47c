"""Putting SQL back with or after a withdrawal: the stop comes first, and no text is lost."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, chdir
from typing import Any

import pytest
from click.testing import CliRunner, Result
from installations import SIGNED, Installation, held_elsewhere

from baton import releases, rooms
from baton.cli import main
from baton.continuous import ContinuousRun
from baton.errors import Busy, Refused
from baton.journal import Journal
from baton.warehouse import writer

SIGNAL = "models/journeys/signals/quote_started.sql"
CARD = "models/journeys/cards/quote_stalled.sql"


@pytest.fixture
def changed(shop: Installation) -> Installation:
    """A shop whose live release has other SQL than the one before: an offer for a quote."""
    shop.activate()
    shop.edit(SIGNAL, "quote_id", "offer_id")
    shop.edit(CARD, "key: quote_id", "key: offer_id")
    shop.activate()
    return shop


def text(shop: Installation) -> str:
    return (shop.project.dbt_project / SIGNAL).read_text(encoding="utf-8")


def until(what: Callable[[], bool]) -> None:
    """Wait until it holds, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def call(shop: Installation, *arguments: str) -> Result:
    with chdir(shop.project.root):
        return CliRunner().invoke(main, ["release", *arguments])


def test_the_sql_is_put_back_to_the_letter(changed: Installation) -> None:
    facts = changed.withdraw(puts_back=True)
    assert facts["put_back"] == ["signal quote_started"]
    assert "quote_id as correlation_key -- the quote\n" in text(changed)
    assert not any("put back" in line for line in facts["next"])


def test_a_release_whose_sql_was_put_back_goes_forward_again_with_its_own(
    changed: Installation,
) -> None:
    second = changed.live() or ""
    last = changed.withdraw(puts_back=True)["next"][-1]
    forward = f"`baton release activate {second[:12]} --reason '...'`"
    put = f"`baton release put-back {second[:12]}` for its SQL"
    assert last == f"to go forward again: {put}, then {forward}"
    with pytest.raises(Refused, match="not what the release recorded"):
        changed.activate_compiled(second)
    said = call(changed, "put-back", second[:12])
    assert said.exit_code == 0, said.output
    assert "put back   signal quote_started" in said.output
    assert f"now: {forward}; no batch runs before" in said.output
    assert "offer_id" in text(changed)
    changed.activate_compiled(second)
    assert changed.live() == second


def test_what_cannot_be_written_is_named_after_the_withdrawal(changed: Installation) -> None:
    file = changed.project.dbt_project / SIGNAL
    blocked = file.with_name(f".{file.name}.part")  # a folder where the new text would stand
    blocked.mkdir()
    said = call(changed, "withdraw", "--put-back", "--reason", "wrong")
    assert said.exit_code == 3, said.output
    assert f"{SIGNAL} could not be written" in said.output
    assert [one.kind for one in changed.journal.activations()].count("withdraw") == 1
    blocked.rmdir()
    assert call(changed, "put-back").exit_code == 0
    assert "quote_id as correlation_key -- the quote\n" in text(changed)


def test_a_release_is_stopped_before_a_held_warehouse_is_waited_for(changed: Installation) -> None:
    def withdraw() -> None:
        with Journal.open(changed.project.journal) as journal:
            releases.withdraw(changed.project, journal, None, puts_back=True, **SIGNED)

    thread = threading.Thread(target=withdraw)
    with rooms.running(changed.project.warehouse):
        with held_elsewhere(changed.project.warehouse):
            thread.start()
            until(lambda: changed.journal.activations()[-1].kind == "withdraw")
            assert thread.is_alive()
            assert "offer_id" in text(changed)
        thread.join()
    assert "offer_id" not in text(changed)


def test_what_could_not_be_put_back_as_a_batch_ran_is_asked_for_again(
    changed: Installation,
) -> None:
    with held_elsewhere(changed.project.warehouse):
        said = call(changed, "withdraw", "--put-back", "--reason", "wrong")
        assert said.exit_code == 3, said.output
        assert "run a batch" not in said.output
        assert (
            "no SQL was put back, as the warehouse is in use by another process; "
            "ask again: `baton release put-back`" in said.output
        )
        with pytest.raises(Busy):
            releases.put_sql_back(changed.project, changed.journal)
    assert changed.journal.activations()[-1].kind == "withdraw"
    assert "offer_id" in text(changed)
    again = call(changed, "put-back")
    assert again.exit_code == 0, again.output
    assert "put back   signal quote_started" in again.output
    assert "offer_id" not in text(changed)
    assert "put back   nothing" in call(changed, "put-back").output


def test_a_comment_written_after_the_activation_is_not_lost(changed: Installation) -> None:
    changed.edit(SIGNAL, "-- the quote", "-- the offer, see the contract of 2025")
    said = call(changed, "withdraw", "--put-back", "--reason", "wrong")
    assert said.exit_code == 3, said.output
    assert f"{SIGNAL} was edited after it was activated and is left as it is" in said.output
    assert "see the contract of 2025" in text(changed)
    assert call(changed, "put-back").exit_code == 5
    (changed.project.dbt_project / SIGNAL).unlink()
    assert call(changed, "put-back").exit_code == 0
    assert "quote_id as correlation_key -- the quote\n" in text(changed)


def test_variables_are_not_put_back_but_named(shop: Installation) -> None:
    shop.activate()
    shop.edit("dbt_project.yml", "name: shop", "vars: {event_names: {a: b}}\nname: shop")
    shop.activate()
    said = call(shop, "withdraw", "--put-back", "--reason", "wrong")
    assert said.exit_code == 3, said.output
    assert "If the variables in dbt_project.yml were changed since, put them back" in said.output
    assert "run a batch" not in said.output
    shop.edit("dbt_project.yml", "vars: {event_names: {a: b}}\n", "")
    assert call(shop, "put-back").exit_code == 0


def test_of_a_release_recorded_before_variables_counted_it_is_said_how_to_go_on(
    shop: Installation,
) -> None:
    first = shop.activate()
    with writer(shop.project.warehouse) as con:
        con.execute("update raw.release_sql set checksum = 'without' where release_id = ?", [first])
    shop.edit(CARD, "after: 1 day", "after: 2 days")
    shop.activate()
    said = call(shop, "withdraw", "--put-back", "--reason", "wrong")
    assert said.exit_code == 3, said.output
    assert "the text is the same, the release was recorded otherwise" in said.output
    assert "mend the working tree, `baton release activate --reason '...'`" in said.output
    assert "run a batch" not in said.output
    shop.edit(CARD, "after: 2 days", "after: 3 days")
    shop.activate()
    assert "put back   nothing" in call(shop, "put-back").output


def test_without_a_live_release_there_is_nothing_to_put_back(changed: Installation) -> None:
    for _ in range(2):
        changed.withdraw(is_forced=True)
    said = call(changed, "put-back")
    assert (said.exit_code, "no release is live" in said.stderr) == (5, True)


class _RefusedBatches:
    """Batches that refuse the SQL they find: at first while somebody asks for room, then alone."""

    def __init__(self, shop: Installation, asker: ExitStack) -> None:
        self.project, self.calls, self._asker = shop.project, 0, asker

    def run_on(self, *_: object, **__: object) -> None:
        self.calls += 1
        if self.calls == 1:
            self._asker.enter_context(rooms.asking(self.project.warehouse))
        raise Refused("the SQL is not what the live release recorded")


def test_a_continuous_run_makes_room_for_who_puts_back_what_it_refuses(
    changed: Installation,
) -> None:
    changed.project.landing.mkdir()
    ended: list[BaseException] = []
    with ExitStack() as asker:
        batches: Any = _RefusedBatches(changed, asker)
        work = ContinuousRun(batches, changed.journal)

        def run() -> None:
            try:
                list(work.batches())
            except Refused as refused:
                ended.append(refused)

        thread = threading.Thread(target=run)
        thread.start()
        until(lambda: work.waits_for == "another command has the warehouse")
        assert ended == []
    thread.join(10)
    assert (len(ended), batches.calls) == (1, 2)
