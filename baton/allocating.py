"""Pieces of memory that stay at hand: the engine asks for very many small ones in every batch.

The C library keeps seven freed pieces of a size at hand for a thread, and looks further for more.
With many kept a batch takes about an eighth less time of the processor. It can be asked for only
before a process starts, by a variable of the environment: see `GLIBC_TUNABLES` in the manual of
the GNU C library.
"""

import os
import platform
import sys
from contextlib import suppress

_VARIABLE = "GLIBC_TUNABLES"
_TUNABLE = "glibc.malloc.tcache_count"
_PIECES = 60_000
"""Of a size and thread, each of at most 1,032 bytes; the library takes up to 65,535."""
_BEGUN = "BATON_HAS_BEGUN_ANEW"


def begin_anew() -> None:
    """Become the same command once more, with many pieces at hand.

    Return where that has been done, where somebody has set the variable, where the C library is
    another, and where the system refuses. The process keeps its number.
    """
    if _BEGUN in os.environ or _VARIABLE in os.environ or platform.libc_ver()[0] != "glibc":
        return
    os.environ |= {_BEGUN: "1", _VARIABLE: f"{_TUNABLE}={_PIECES}"}
    with suppress(OSError):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
