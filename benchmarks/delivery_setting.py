"""What the benchmarks of sending stand on: messages, destinations, processes."""

import base64
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from baton.journal import HandedMessage

_SECRET = "whsec_" + base64.b64encode(b"a secret of the benchmark").decode()
_LIMIT = {"rate": 5000, "per_seconds": 1, "concurrency": 200}


def message(number: int, now: datetime, *, destination: str = "gateway") -> HandedMessage:
    """A text that may go to the number's own person; its id begins with `m`, or the destination."""
    prefix = "m" if destination == "gateway" else f"{destination}-"
    return HandedMessage(
        message_id=f"{prefix}{number}",
        candidate_id=f"c{number}",
        instance_id=f"i{number}",
        journey="quote_stalled",
        action="remind",
        release_id="r1",
        card_hash="h1",
        node_id=f"n{number}",
        person_id=f"p{number}",
        contact_point_id=f"cp{number}",
        channel="sms",
        destination=destination,
        message_class="marketing",
        brand="shop",
        template=None,
        priority=10,
        expires_at=now + timedelta(days=1),
        consent_at=now - timedelta(days=1),
        address=f"+1555{number:08}",
        variables={"first_name": "Ann", "quote_id": f"Q-{number}"},
    )


def write_destinations(folder: Path, ports: Mapping[str, int]) -> Path:
    """A file that names receivers of webhooks, each at a port of this machine."""
    destinations = {
        name: {
            "type": "webhook",
            "url": f"http://127.0.0.1:{port}/",
            "secret": _SECRET,
            "event_type": "message.send",
            "limit": _LIMIT,
        }
        for name, port in ports.items()
    }
    file = folder / "destinations.yml"
    file.write_text(yaml.safe_dump({"templates": str(folder), "destinations": destinations}))
    return file


@contextmanager
def process(module: str, *arguments: Path, kill: bool = False) -> Generator[subprocess.Popen[str]]:
    """A process of ours; ended by SIGTERM, or killed, and waited for."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        started.communicate(timeout=60)


def first_line(started: subprocess.Popen[str]) -> str:
    """What it says first, when it is ready."""
    assert started.stdout is not None  # noqa: S101  # it was asked for
    return started.stdout.readline()
