"""A process begins anew, once, with many pieces of memory at hand."""

import os
import platform
import subprocess
import sys

import pytest

from baton import allocating
from baton.allocating import ask_for_later_processes

_SCRIPT = """
import os
from baton.allocating import begin_anew
print("begins", os.getpid(), flush=True)
begin_anew()
print("goes on", os.environ.get("GLIBC_TUNABLES"), os.environ.get("DUCKDB_JE_MALLOC_CONF"))
"""


_OURS = ("GLIBC_TUNABLES", "DUCKDB_JE_MALLOC_CONF")


def said(**environment):
    """What the script says, and the number of its process."""
    bare = {name: value for name, value in os.environ.items() if name not in _OURS}
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
    assert lines == [
        begins,
        begins,
        "goes on glibc.malloc.tcache_count=60000 tcache_max:524288,tcache_nslots_large:1000",
    ]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_somebody_has_set_of_one_stays():
    lines, _ = said(GLIBC_TUNABLES="glibc.malloc.tcache_count=7")
    assert lines[-1] == (
        "goes on glibc.malloc.tcache_count=7 tcache_max:524288,tcache_nslots_large:1000"
    )


def test_nothing_begins_anew_where_somebody_has_set_both():
    lines, number = said(GLIBC_TUNABLES="a.b=7", DUCKDB_JE_MALLOC_CONF="narenas:1")
    assert lines == [f"begins {number}", "goes on a.b=7 narenas:1"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_later_processes_are_asked_for_once_and_keep_what_somebody_has_set(monkeypatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=7")
    monkeypatch.setenv("DUCKDB_JE_MALLOC_CONF", "")
    monkeypatch.delenv("DUCKDB_JE_MALLOC_CONF")
    assert [ask_for_later_processes() for _ in range(2)] == [True, False]
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.tcache_count=7"
    assert os.environ["DUCKDB_JE_MALLOC_CONF"] == allocating._ASKED["DUCKDB_JE_MALLOC_CONF"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_engine_takes_what_it_is_asked_for():
    """A word that its allocator does not know is told, on the other stream."""
    asked = allocating._ASKED["DUCKDB_JE_MALLOC_CONF"]
    for conf, is_known in ((asked, True), (f"{asked},nonsense:1", False)):
        done = subprocess.run(
            [sys.executable, "-c", "import duckdb; print(duckdb.sql('select 1').fetchall())"],
            env={**os.environ, "DUCKDB_JE_MALLOC_CONF": conf},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == "[(1,)]\n"
        assert ("Invalid conf" not in done.stderr) is is_known
