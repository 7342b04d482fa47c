"""Starting, awaiting and ending servers, and what goes to them."""

import asyncio
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from activation import DestinationsConfig
from activation.transports import open_transports
from baton.journal import HandedMessage

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Installed:
    """The virtual environment of the servers."""

    home: Path

    def run(self, *command, cwd, **environment):
        """Run to the end, and return what was printed; fails with what was said."""
        done = subprocess.run(
            [str(self.home / "bin" / command[0]), *map(str, command[1:])],
            cwd=cwd,
            env={"PATH": f"{self.home / 'bin'}:/usr/bin:/bin", "HOME": str(cwd), **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self, *command, cwd, ready, **environment):
        """Start a server, and wait until the URL `ready` answers, or until `ready()`."""
        return Running(self.home, command, cwd, ready, environment)


class Running:
    """A server process, ended on leaving."""

    def __init__(self, home, command, cwd, ready, environment):
        self.log = Path(cwd) / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(home / "bin" / command[0]), *map(str, command[1:])],
                cwd=cwd,
                env={"PATH": f"{home / 'bin'}:/usr/bin:/bin", "HOME": str(cwd), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.ready = ready

    def __enter__(self):
        until = time.monotonic() + 60
        is_ready = self.ready if callable(self.ready) else lambda: answers(self.ready)
        while not is_ready():
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < until, self.log.read_text()[-2000:]
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def answers(url):
    """Whether anything answers there."""
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configured(name, environment):
    """The destinations of one of the files beside this one."""
    return DestinationsConfig.load(HERE / f"{name}.yml", environment)


def hand_over(number, destination, **changes):
    """A task for a team about one person, as a journey hands it over."""
    now = datetime.now(UTC).replace(tzinfo=None)
    given = {
        "message_id": f"msg-{number}",
        "candidate_id": f"c{number}",
        "instance_id": f"i{number}",
        "journey": "quote_stalled",
        "action": "call",
        "release_id": "r1",
        "card_hash": "h1",
        "node_id": f"n{number}",
        "person_id": f"person-{number}",
        "contact_point_id": None,
        "channel": "crm_task",
        "destination": destination,
        "message_class": "service",
        "brand": "shop",
        "template": "sales_call",
        "priority": 10,
        "expires_at": now + timedelta(days=1),
        "consent_at": None,
        "address": None,
        "variables": {
            "first_name": "Ann-Sophie",
            "product": "Oak & <Ash> kitchen",
            "quote_id": f"Q-{number}",
            "value": 1234.5,
            "brand": "Shop",
        },
    }
    return HandedMessage(**given | changes)


def tell(destination, purpose, *rows):
    """Tell a destination rows of a sync in one request; returns the verdicts."""
    call = destination.call(purpose)

    async def carry():
        async with open_transports() as transports:
            now = datetime.now(UTC).replace(tzinfo=None)
            request = call.build(rows, destination.settings, now)
            return (await transports.exchange(request)).response

    return call.verdicts(asyncio.run(carry()), rows)
