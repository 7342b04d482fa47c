"""A journal that fails while a pump works: nothing is kept that another one waits for."""

import pytest
from loopback import NOON, WebServer, config, task, text, web_environment

from activation import send
from activation.desk import Desk
from baton.errors import Busy

SHARED = {"account": "gateway", "limit": {"rate": 2000, "per_seconds": 1, "concurrency": 1}}
MANY = 150
BUSY = Busy("the journal is locked", where="j", mend="try again")


def text_to_another(number):
    return text(number, address=f"+1555010{number:04}")


@pytest.fixture
def sending(journal, tmp_path):
    """Send in both ways, within some seconds; two destinations share one account."""

    def send_to(server, *, watch=False, **changes):
        environment = web_environment(server.port)
        configured = config(tmp_path, environment, sms_gateway=changes, crm_tasks=changes)
        return send(journal, configured, now=journal.now, watch=watch)

    return send_to


@pytest.mark.timeout(20)
@pytest.mark.parametrize("watch", [False, True])
def test_the_permits_of_a_claim_that_failed_serve_the_other_destination(
    journal, sending, monkeypatch, watch
):
    real = Desk.claim

    async def claim(desk, destination, limit, order):
        if destination == "sms_gateway":
            raise BUSY
        return await real(desk, destination, limit, order)

    monkeypatch.setattr(Desk, "claim", claim)
    journal.hand_over([text(1), task(2)], checked_at=NOON)
    with WebServer(204) as server, pytest.raises(Busy):
        sending(server, watch=watch, **SHARED)
    if not watch:
        assert journal.message_counts() == {"accepted": 1, "pending": 1}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("watch", "make"), [(False, text_to_another), (True, text_to_another), (True, task)]
)
def test_a_verdict_that_cannot_be_written_ends_pumps_that_have_work(
    journal, sending, monkeypatch, watch, make
):
    claim, settle, numbers = Desk.claim, Desk.settle, iter(range(2, MANY))

    async def claim_before_more_comes(desk, destination, limit, order):
        claimed = await claim(desk, destination, limit, order)
        number = next(numbers, None)
        if number is not None:
            journal.hand_over([make(number)], checked_at=NOON)
        return claimed

    async def settle_all_but_one(desk, answer):
        if answer.verdicts[0].message_id == "s1":
            raise BUSY
        return await settle(desk, answer)

    monkeypatch.setattr(Desk, "claim", claim_before_more_comes)
    monkeypatch.setattr(Desk, "settle", settle_all_but_one)
    journal.hand_over([text(1), task(1)], checked_at=NOON)
    with WebServer(204) as server, pytest.raises(Busy):
        sending(server, watch=watch)
    assert next(numbers, MANY) < MANY
    assert journal.message("s1")["state"] == "claimed"
