import os
import signal
import subprocess
import sys
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

ROOT = Path(__file__).parents[2]
SENDER = """
import sys
from pathlib import Path
from loopback import config
from activation import send
from baton.journal import Journal
import os
with Journal.open(Path(sys.argv[1]) / "baton.journal.db") as journal:
    send(journal, config(Path(sys.argv[1]), dict(os.environ)), now=journal.now)
"""


@pytest.fixture
def kill_while_it_waits_for_the_answer(tmp_path):
    """Start a sender, wait until the server has the message, and kill -9 the sender."""

    def kill(server, environment):
        paths = {"PYTHONPATH": f"{Path(__file__).parent}:{ROOT}"}
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(tmp_path)], env=environment | paths
        )
        assert server.seen.arrived.wait(timeout=30)
        os.kill(sender.pid, signal.SIGKILL)
        assert sender.wait(timeout=30) == -signal.SIGKILL

    return kill


def hand_over(journal, *messages):
    journal.hand_over(messages, checked_at=NOON)


def test_a_killed_senders_webhook_goes_again_under_the_same_id(
    journal, tmp_path, kill_while_it_waits_for_the_answer
):
    hand_over(journal, text())
    with WebServer("hang") as server:
        environment = web_environment(server.port)
        kill_while_it_waits_for_the_answer(server, environment)
        server.answers = [204]
        assert journal.message("s1")["state"] == "claimed"
        report = send(journal, config(tmp_path, environment), now=journal.now)
        ids = [request[1]["webhook-id"] for request in server.seen.requests]
    assert ids == ["s1", "s1"]
    assert report.recovered == {"retry": 1}
    assert report.states == {"accepted": 1}
    assert [attempt["status"] for attempt in journal.attempts("s1")] == ["orphaned", "http 204"]


def test_a_killed_senders_mail_goes_at_most_once_for_marketing_and_at_least_once_for_service(
    journal, tmp_path, kill_while_it_waits_for_the_answer
):
    hand_over(journal, mail(1), mail(2, message_class="service"))
    with MailServer(data=["hang"]) as server:
        environment = mail_environment(server.port)
        kill_while_it_waits_for_the_answer(server, environment)
        server.answers["data"] = ["250 OK"]
        report = send(journal, config(tmp_path, environment), now=journal.now)
        ids = [
            line
            for _, content in server.seen.requests
            for line in content.splitlines()
            if line.startswith("Message-ID")
        ]
    assert report.recovered == {"unknown": 1, "retry": 1}
    assert journal.message("m1")["state"] == "unknown"
    assert journal.message("m2")["state"] == "accepted"
    assert ids.count("Message-ID: <m1@shop.example>") <= 1
    assert ids[-1] == "Message-ID: <m2@shop.example>"
