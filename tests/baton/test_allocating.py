"""A process begins anew, once, with many pieces of memory at hand."""

import os
import platform
import subprocess
import sys

import pytest

_SCRIPT = """
import os
from baton.allocating import begin_anew
print("begins", os.getpid(), flush=True)
begin_anew()
print("goes on", os.environ.get("GLIBC_TUNABLES"))
"""


def said(**environment):
    """What the script says, and the number of its process."""
    bare = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    command = [sys.executable, "-c", _SCRIPT]
    with subprocess.Popen(
        command, env={**bare, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        out, _ = process.communicate(timeout=60)
    return out.splitlines(), process.pid


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_same_process_begins_anew_once():
    lines, number = said()
    begins = f"begins {number}"
    assert lines == [begins, begins, "goes on glibc.malloc.tcache_count=60000"]


def test_what_somebody_has_set_stays():
    lines, number = said(GLIBC_TUNABLES="glibc.malloc.tcache_count=7")
    assert lines == [f"begins {number}", "goes on glibc.malloc.tcache_count=7"]
