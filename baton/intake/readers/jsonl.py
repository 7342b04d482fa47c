"""JSON lines: one object per line, read in blocks."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from baton.intake.extents import Extent
from baton.intake.readers.chunk import Chunk, lines_of, numbers

_BLOCK = 1 << 24
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_jsonl(file: Path, extent: Extent, max_lines: int | None) -> Iterator[Chunk]:
    """Yield the lines between `extent.start.at_byte` and `extent.end`, at most `max_lines`."""
    position, line = extent.start.at_byte, extent.start.at_line
    left = max_lines
    with file.open("rb") as handle:
        handle.seek(position)
        for block in _whole_lines(handle, extent.end - position):
            kept = block if left is None else _first_lines(block, left)
            texts, found = lines_of(kept.removeprefix(_BYTE_ORDER_MARK) if not position else kept)
            rows = pa.table({"line": numbers(line + 1, len(texts)), "text": texts, "fault": found})
            position, line = position + len(kept), line + len(texts)
            yield Chunk(rows, None, position, line, is_sure=True)
            left = None if left is None else left - len(texts)
            if left == 0:
                return


def _whole_lines(handle: BinaryIO, length: int) -> Iterator[bytes]:
    carried = b""
    while length > 0 and (block := handle.read(min(_BLOCK, length))):
        length -= len(block)
        block = carried + block
        end = block.rfind(b"\n") + 1
        carried = block[end:]
        if end:
            yield block[:end]


def _first_lines(block: bytes, count: int) -> bytes:
    end = -1
    for _ in range(count):
        end = block.find(b"\n", end + 1)
        if end < 0:
            return block
    return block[: end + 1]
