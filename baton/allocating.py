"""Pieces of memory that stay at hand: the engine asks for very many small ones in every batch.

The C library keeps seven freed pieces of a size at hand for a thread, and looks further for more.
With many kept a batch takes about an eighth less time of the processor. It can be asked for only
before a process starts, by a variable of the environment: see `GLIBC_TUNABLES` in the manual of
the GNU C library.
"""

import os
import platform
import sys

_VARIABLE = "GLIBC_TUNABLES"
_TUNABLE = "glibc.malloc.tcache_count"
_PIECES = 60_000
"""Of a size and thread; the library takes up to 65,535, and as its own number what is beyond."""


def begin_anew() -> None:
    """Become the same command once more, with many pieces at hand; return where that is so.

    Return as well where somebody has set the variable, or the C library is another. The process
    keeps its number.
    """
    if os.environ.get(_VARIABLE) is not None or platform.libc_ver()[0] != "glibc":
        return
    os.environ[_VARIABLE] = f"{_TUNABLE}={_PIECES}"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
