"""A journal that fails while a pump works: nothing is kept that another one waits for."""

import pytest
from loopback import NOON, WebServer, config, task, text, web_environment

from activation import send
from activation.desk import Desk
from baton.errors import Busy

SHARED = {"account": "gateway", "limit": {"rate": 2000, "per_seconds": 1, "concurrency": 1}}
BUSY = Busy("the journal is locked", where="j", mend="try again")


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
