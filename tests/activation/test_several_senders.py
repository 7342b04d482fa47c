"""Several sender processes on one journal, some of them killed: judged by the receivers' logs."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import pytest
from loopback import (
    NOON,
    MailServer,
    WebServer,
    config,
    mail,
    mail_environment,
    text,
    web_environment,
)

from activation import send
from baton.journal import Journal

HERE = Path(__file__).parent
PATHS = {"PYTHONPATH": f"{HERE}:{HERE.parent}:{HERE.parents[1]}"}
TEXTS, MAILS = 240, 80
SENDER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from loopback import config
from activation import send
from baton.journal import Journal
with Journal.open(sys.argv[2], grace=timedelta(0)) as journal:
    name = os.environ["SENDER"]
    folder = Path(sys.argv[1]) / name
    folder.mkdir()
    own_limits = {"account": name}  # nobody waits for the other's open requests
    configured = config(folder, dict(os.environ), sms_gateway=own_limits)
    print("ready", flush=True)
    sys.stdin.readline()
    report = send(journal, configured, now=journal.now)
    print(sum(report.states.values()), flush=True)
"""


class Meeting(WebServer):
    """Answers nobody before each of `senders` has sent something; may kill one in its flight."""

    def __init__(self, senders):
        super().__init__(204)
        self.expected = senders
        self.all_there = asyncio.Event()
        self.got = Counter()
        self.doomed = {}

    async def _answer(self, request):
        sender = request.match_info["name"]
        self.got[sender] += 1
        if len(self.got) == self.expected:
            self.all_there.set()
        await self.all_there.wait()
        after, victim = self.doomed.get(sender, (0, None))
        if victim and self.got[sender] >= after:
            os.kill(victim.pid, signal.SIGKILL)
        return await super()._answer(request)

    def environment(self, number, mails):
        url = f"http://127.0.0.1:{self.port}/sender{number}"
        own = {"SMS_GATEWAY_URL": url, "SENDER": f"sender{number}"}
        return web_environment(self.port) | mail_environment(mails.port) | own


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def target(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "baton.journal.db")
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture
def full(target):
    """A journal with texts that may be repeated under their id, and mails that may not."""
    with Journal.open(target, grace=timedelta(0)) as journal:
        journal.set_simulated_time(NOON)
        messages = [text(number, address=f"+1555010{number:04}") for number in range(TEXTS)]
        messages += [mail(number + TEXTS) for number in range(MAILS)]
        journal.hand_over(messages, checked_at=NOON)
        yield journal


@pytest.fixture
def start(tmp_path, target):
    """Start sender processes that have read all they need, and wait for a line."""
    with ExitStack() as ends:

        def start(hooks, mails):
            command = [sys.executable, "-c", SENDER, str(tmp_path), target]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            senders = [
                subprocess.Popen(command, env=hooks.environment(number, mails) | PATHS, **pipes)
                for number in range(hooks.expected)
            ]
            for sender in senders:
                ends.callback(sender.communicate)
                ends.callback(sender.kill)
            assert [sender.stdout.readline() for sender in senders] == ["ready\n"] * len(senders)
            return senders

        yield start


def let_send(senders):
    for sender in senders:
        sender.stdin.write("\n")
        sender.stdin.flush()


def message_ids(server):
    return Counter(message_from_string(body)["Message-ID"] for _, body in server.seen.requests)


def webhook_ids(server):
    return Counter(headers["webhook-id"] for _, headers, _ in server.seen.requests)


def test_senders_share_the_work_and_nothing_goes_twice(full, start):
    with Meeting(2) as hooks, MailServer() as mails:
        senders = start(hooks, mails)
        let_send(senders)
        shares = [int(sender.stdout.readline()) for sender in senders]
        assert webhook_ids(hooks) == Counter(f"s{number}" for number in range(TEXTS))
        assert message_ids(mails).total() == len(message_ids(mails)) == MAILS
    assert sum(shares) == TEXTS + MAILS
    assert min(hooks.got.values()) > 1
    assert full.message_counts() == {"accepted": TEXTS + MAILS}


def test_killed_senders_lose_nothing_and_send_nothing_twice_that_may_not_be(full, start, tmp_path):
    with Meeting(3) as hooks, MailServer() as mails:
        senders = start(hooks, mails)
        hooks.doomed = {"sender0": (1, senders[0]), "sender1": (3, senders[1])}
        let_send(senders)
        assert [sender.wait(60) for sender in senders] == [-signal.SIGKILL, -signal.SIGKILL, 0]
        hooks.doomed = {}
        send(full, config(tmp_path, hooks.environment(2, mails)), now=full.now)
        sent, sent_once = webhook_ids(hooks), message_ids(mails)
    assert set(sent) == {f"s{number}" for number in range(TEXTS)}
    assert all(full.message(id_)["state"] == "accepted" for id_ in sent)
    orphaned = {id_ for id_ in sent if was_orphaned(full, id_)}
    assert orphaned
    assert {id_ for id_, times in sent.items() if times > 1} <= orphaned
    assert max(sent_once.values()) == 1
    rows = [full.message(f"m{number + TEXTS}") for number in range(MAILS)]
    assert {row["state"] for row in rows} <= {"accepted", "unknown"}
    accepted = sum(row["state"] == "accepted" for row in rows)
    assert accepted <= len(sent_once) <= MAILS


def was_orphaned(journal, message_id):
    return any(attempt["status"] == "orphaned" for attempt in journal.attempts(message_id))
