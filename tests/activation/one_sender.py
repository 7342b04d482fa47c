"""Forks a sender whenever a line comes on standard input: all is imported, so it starts at once.

Arguments: folder with destinations.yml, journal, and which guard is taken away, if any. Prints the
process id of each sender, which leads a group of its own, and its exit status when it has ended.
"""

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path

import vendor

import baton.journal.recovery
from activation import DestinationsConfig, send
from baton.journal import Journal, Verdict


def weaken(guard):
    if guard == "class_rule":
        baton.journal.recovery.after_ambiguous = lambda *_, **__: "retry"
    if guard == "claims_are_in_doubt":
        baton.journal.recovery._orphan_verdict = lambda row, _: Verdict(row.message_id, "accepted")
    if guard == "same_key":
        vendor.key_of = lambda item: f"{item.item_id}:{secrets.token_hex(4)}"


def main(folder, target, guard):
    weaken(guard)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            with Journal.open(target, grace=timedelta(0)) as journal:
                file = Path(folder) / "destinations.yml"
                config = DestinationsConfig.load(file, {}, vendor.WITH_VENDOR)
                send(journal, config, now=journal.now)
            os._exit(0)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


main(*sys.argv[1:])
