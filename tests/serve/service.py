"""`baton serve` as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from visitors import KEY

REPOSITORY = Path(__file__).parents[2]
BATON = Path(sys.executable).with_name("baton")


def environment(journal, **changes):
    """What the service needs and nothing else; null takes a variable away."""
    given = {"PATH": os.environ["PATH"], "BATON_JOURNAL": str(journal), "BATON_LINK_KEY": KEY}
    return {name: value for name, value in (given | changes).items() if value is not None}


class Service:
    """A running service; `url` is where it listens."""

    def __init__(self, journal, *options, **changes):
        self._command = [BATON, "serve", "--port", "0", "--json", *options]
        self._environment = environment(journal, **changes)

    def __enter__(self):
        self.process = subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines = []
        while not (lines and lines[-1] == "}"):
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(self.process.stderr.read())
            lines.append(line.rstrip())
        self.facts = json.loads("".join(lines))
        self.url = self.facts["listening"]
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=30)
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
