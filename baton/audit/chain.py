"""The chain of digests, as pure functions: leaves of rows, digests of rows, links."""

import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

MARK_BYTES = 4
START = "0" * 64
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Link:
    """What one batch has added to one ledger: `from_position` < position <= `to_position`.

    `marks` are the first bytes of each row's leaf, in the order of the leaves: no digest needs
    them, but by them it can be said which row differs.
    """

    link: int
    ledger: str
    window_id: int
    from_position: int
    to_position: int
    row_count: int
    shape: str
    rows_digest: str
    marks: bytes
    digest: str = ""

    def follow(self, previous: str) -> str:
        """The digest of this link after the one before."""
        parts = (
            previous,
            self.link,
            self.ledger,
            self.window_id,
            self.from_position,
            self.to_position,
            self.row_count,
            self.shape,
            self.rows_digest,
            sha256(self.marks).hexdigest(),
        )
        return sha256(_BETWEEN.join(map(str, parts)).encode()).hexdigest()


def hidden(key: bytes, erasable: bytes) -> bytes:
    """The keyed hash by which what an erasure removes enters a leaf."""
    return hmac.digest(key, erasable, "sha256")


def leaf(key: bytes, kept: bytes, hidden_part: bytes = b"") -> bytes:
    """The leaf of a row: of a hash of the columns that stay, and of the hidden part of others."""
    return hmac.digest(key, kept + hidden_part, "sha256")


def leaves_of(key: bytes, hashes: Iterable[tuple[bytes, bytes | None]]) -> list[bytes]:
    """The leaves of rows, by the hashes of what they keep and of what can be erased."""
    return [
        leaf(key, kept, hidden(key, erasable) if erasable is not None else b"")
        for kept, erasable in hashes
    ]


def rows_digest(leaves: Iterable[bytes]) -> tuple[str, bytes, int]:
    """The digest over leaves in their order, their marks, and how many they are."""
    ordered = sorted(leaves)
    marks = b"".join(one[:MARK_BYTES] for one in ordered)
    return sha256(b"".join(ordered)).hexdigest(), marks, len(ordered)


def strangers(leaves: Sequence[bytes], marks: bytes) -> tuple[list[int], int]:
    """Which of the leaves no mark stands for, by index, and how many marks have no leaf."""
    known = Counter(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))
    strange: list[int] = []
    for index, one in enumerate(leaves):
        mark = one[:MARK_BYTES]
        if known[mark]:
            known[mark] -= 1
        else:
            strange.append(index)
    return strange, known.total()
