"""The shape in which every reader hands rows on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from baton.intake import faults
from baton.intake.arrow import Array, Table


@dataclass(frozen=True)
class Chunk:
    """Some rows of a delivery, and how far it is read with them.

    `rows` has `line` (1-based), `text` (the record as it stood, null if it has no text form),
    `fault` (what is wrong with it as a whole, or null), then `f0`, `f1`, ... for `fields`.
    `fields` is None where each `text` is a JSON object that holds the fields itself. `is_sure` says
    that no damage behind it can make the delivery unreadable: what is read so far may be stored.
    """

    rows: Table
    fields: tuple[str, ...] | None
    to_byte: int
    to_line: int
    is_sure: bool = False


def numbers(first: int, count: int) -> Array:
    """Return `count` ascending numbers from `first`."""
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def lines_of(block: bytes) -> tuple[Array, Array]:
    """Return the lines of `block`, which ends in a newline, and their encoding faults."""
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    buffers = [pa.py_buffer(offsets.tobytes()), pa.py_buffer(block)]
    lines = pa.LargeStringArray.from_buffers(len(ends), *buffers)
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return _decoded(block.split(b"\n")[:-1])
    return lines, pa.nulls(len(ends), pa.string())


def _decoded(lines: Sequence[bytes]) -> tuple[Array, Array]:
    texts: list[str] = []
    found: list[str | None] = []
    for line in lines:
        try:
            texts.append(line.decode() + "\n")
            found.append(None)
        except UnicodeDecodeError:
            texts.append(line.decode(errors="replace") + "\n")
            found.append(faults.BAD_ENCODING)
    return pa.array(texts, pa.large_string()), pa.array(found, pa.string())
