"""Takes in the landing folder given and dies by SIGKILL once all its rows are in the tables."""

import os
import signal
import sys
from pathlib import Path

from landing_yard import NOON, SWITCHES, Yard


class DeadlyFeed:
    """Kills the process when it is read, which is the last thing before the commit."""

    relation = SWITCHES.relation

    def read(self, after: int) -> list[dict[str, object]]:
        del after
        os.kill(os.getpid(), signal.SIGKILL)
        return []


class SilentFeed:
    """Has nothing."""

    relation = SWITCHES.relation

    def read(self, after: int) -> list[dict[str, object]]:
        del after
        return []


if __name__ == "__main__":
    folder, moment = Path(sys.argv[1]), sys.argv[2]
    yard = Yard(folder)
    yard.open(NOON, feeds=[DeadlyFeed() if moment == "before the commit" else SilentFeed()])
    os.kill(os.getpid(), signal.SIGKILL)
