import json
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import httpx
import psutil
import pytest
from service import BATON, REPOSITORY, Service, environment
from visitors import KEYS, NOW, mail, own_link, statements

BODY = {"List-Unsubscribe": "One-Click"}


def call(journal, *options, **changes):
    return subprocess.run(
        [BATON, "serve", *options],
        env=environment(journal, **changes),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_says_what_it_serves_and_what_it_needs(path):
    shown = call(path, "--help")
    assert shown.returncode == 0
    for word in ("BATON_LINK_KEY", "--host", "--port", "--json", "--new-key"):
        assert word in shown.stdout


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"BATON_LINK_KEY": None}, "token_urlsafe"),
        ({"BATON_LINK_KEY": "short"}, "too short"),
        ({"BATON_LINK_DAYS": "two years"}, "BATON_LINK_DAYS"),
        ({"BATON_API_KEYS": "desk:secret"}, "--new-key"),
        ({"BATON_PAGE_TEXTS": "/nowhere"}, "en.yml"),
    ],
)
def test_a_wrong_setting_is_one_clear_error_with_its_mend(path, changes, told):
    refused = call(path, "--port", "0", **changes)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "mend:" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_busy(path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = call(path, "--port", str(other.getsockname()[1]))
    assert refused.returncode == 4
    assert "--port" in refused.stderr


def test_an_address_of_another_machine_is_wrong_usage(path):
    assert call(path, "--host", "192.0.2.1", "--port", "0").returncode == 2


def test_a_new_key_is_shown_with_the_entry_that_knows_it(path):
    made = json.loads(call(path, "--new-key", "desk", "--json", BATON_LINK_KEY=None).stdout)
    with Service(path, BATON_API_KEYS=made["entry"]) as service:
        assert service.facts["api_keys"] == 1
        headers = {"authorization": f"Bearer {made['key']}"}
        assert httpx.get(f"{service.url}/v1/contexts/p1", headers=headers).status_code == 404
        assert httpx.get(f"{service.url}/v1/contexts/p1").status_code == 401


def test_it_serves_a_click_logs_no_token_and_ends_on_sigterm(path, journal):
    journal.hand_over([mail()], checked_at=NOW)
    token = KEYS.sign(own_link())
    with Service(path) as service:
        assert httpx.get(f"{service.url}/healthz").json() == {"status": "ok"}
        assert httpx.post(f"{service.url}/u/{token}", data=BODY).status_code == 200
        assert httpx.get(f"{service.url}/u/{token}x").status_code == 404
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=20) == 0
        told = service.process.stdout.read() + service.process.stderr.read()
    assert token not in told
    assert told == ""
    assert len(statements(journal)) == 2


def test_what_has_begun_is_answered_before_it_ends(path, journal):
    journal.hand_over([mail()], checked_at=NOW)
    token = KEYS.sign(own_link())
    answers = []
    with Service(path) as service:
        process = psutil.Process(service.process.pid)
        threads = process.num_threads()
        lock = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        lock.execute("begin immediate")
        url = f"{service.url}/u/{token}"
        click = threading.Thread(
            target=lambda: answers.append(httpx.post(url, data=BODY, timeout=30).status_code)
        )
        click.start()
        until_it_waits(process, threads)
        service.process.send_signal(signal.SIGTERM)
        threading.Timer(1, lambda: lock.execute("rollback")).start()
        click.join(timeout=30)
        assert service.process.wait(timeout=20) == 0
    assert answers == [200]
    assert len(statements(journal)) == 2


def until_it_waits(process, threads):
    """Wait until the request has a thread of its own, in which it waits for the lock."""
    while process.num_threads() == threads:
        time.sleep(0.01)
