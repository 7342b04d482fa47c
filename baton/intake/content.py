"""What a file holds up to a place, as a hash that can be gone on from.

The file is hashed in blocks of 1 MiB: `chain` folds the hashes of the full blocks, `content_hash`
folds the rest in as well. Both follow from the bytes alone, however many readings they took.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
_DIGEST_BYTES = 16


@dataclass(frozen=True)
class Mark:
    """A place in a file, behind `at_line` lines, and what the file holds up to there."""

    at_byte: int
    at_line: int
    content_hash: str
    chain: str


@dataclass(frozen=True)
class Blanks:
    """Places of a file (from, until) that are read as if they were filled with one byte."""

    places: tuple[tuple[int, int], ...]
    fill: bytes

    def over(self, start: int, block: bytes) -> bytes:
        """The block that begins at `start` with what is blank in it."""
        end, shown = start + len(block), bytearray(block)
        for first, last in self.places:
            low, high = max(first, start), min(last, end)
            if low < high:
                shown[low - start : high - start] = self.fill * (high - low)
        return bytes(shown)


def advance(file: Path, mark: Mark, end: int, blanks: Blanks | None = None) -> Mark:
    """Return the mark at `end`, reading from the block that `mark` stands in.

    With `blanks` it is the mark that the file has when they are written.
    """
    counted = mark.at_byte % _BLOCK
    chain, line, rest = mark.chain, mark.at_line, b""
    start = mark.at_byte - counted
    for raw in _blocks(file, start, end):
        block = blanks.over(start, raw) if blanks else raw
        start += len(raw)
        line += block.count(b"\n", counted)
        counted = 0
        if len(block) == _BLOCK:
            chain, rest = _folded(chain, block), b""
        else:
            rest = block
    return Mark(end, line, _folded(chain, rest), chain)


def holds(file: Path, mark: Mark) -> bool:
    """Tell whether the file is, in the last block before the mark, as it was.

    Earlier blocks are taken on trust: going on with a file that grew costs what is new of it.
    """
    start = mark.at_byte - mark.at_byte % _BLOCK
    rest = b"".join(_blocks(file, start, mark.at_byte))
    return _folded(mark.chain, rest) == mark.content_hash


def occurrences(file: Path, start: int, end: int, sought: bytes, *, enough: int | None) -> int:
    """Return how often a byte occurs between two places; counting stops behind `enough`."""
    found = 0
    for block in _blocks(file, start, end):
        found += block.count(sought)
        if enough is not None and found > enough:
            break
    return found


def _folded(chain: str, block: bytes) -> str:
    digest = hashlib.blake2b(chain.encode(), digest_size=_DIGEST_BYTES)
    digest.update(block)
    return digest.hexdigest()


def _blocks(file: Path, start: int, end: int) -> Iterator[bytes]:
    with file.open("rb") as handle:
        handle.seek(start)
        while start < end and (block := handle.read(min(_BLOCK, end - start))):
            start += len(block)
            yield block


START = Mark(0, 0, _folded("", b""), "")
