"""Pieces of memory that stay at hand: the engine asks for very many in every batch.

Two allocators serve it, and each keeps few freed pieces for the next who asks, then looks further.
The C library, for small ones, keeps seven of a size and thread; jemalloc, which DuckDB's builds for
Linux have within, keeps twenty of 16 KB and more, and none above 32 KB: a batch takes thousands
of such, one for each column of each step of a query. With many kept a batch took 10 to 15 % less
of the processor by the one and 5 to 12 % of the rest by the other. Both can be asked for only
before a process starts, by variables of the environment: see `GLIBC_TUNABLES` in the manual of the
GNU C library, and TUNING in that of jemalloc.
"""

import os
import platform
import sys
from contextlib import suppress

_ASKED = {
    # of a size and thread, each of at most 1,032 bytes; the library takes up to 65,535
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=60000",
    # of a size and thread; the largest are the engine's blocks of 256 KB with what they are told by
    "DUCKDB_JE_MALLOC_CONF": "tcache_max:524288,tcache_nslots_large:1000",
}
_BEGUN = "BATON_HAS_BEGUN_ANEW"


def begin_anew() -> None:
    """Become the same command once more, with many pieces at hand.

    What somebody has set stays. Return where all is set, where that has been done, where the C
    library is another, and where the system refuses. The process keeps its number.
    """
    if _BEGUN in os.environ or not ask_for_later_processes():
        return
    os.environ[_BEGUN] = "1"
    with suppress(OSError):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def ask_for_later_processes() -> bool:
    """Have processes that this one starts from now on keep many pieces at hand.

    What somebody has set stays. Return whether anything was missing and is set now.
    """
    missing = {name: value for name, value in _ASKED.items() if name not in os.environ}
    if not missing or platform.libc_ver()[0] != "glibc":
        return False
    os.environ |= missing
    return True
