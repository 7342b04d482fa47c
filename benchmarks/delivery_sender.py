"""A sender that watches: `python -m benchmarks.delivery_sender DESTINATIONS JOURNAL`."""

import sys
from pathlib import Path

from activation import DestinationsConfig, send
from baton.journal import Journal

if __name__ == "__main__":
    with Journal.open(sys.argv[2]) as journal:
        config = DestinationsConfig.load(Path(sys.argv[1]))
        print("ready", flush=True)
        send(journal, config, now=journal.now, watch=True, heed_signals=True)
