"""Segments: files of JSON lines in the landing folder, appended to by one process each.

A line counts once it is complete, so a segment is read while it grows. All that waits is written
and synced together (group commit): the answer comes when the disk has it.
"""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

_LONGEST_SECONDS = 300.0
_LARGEST_BYTES = 64 * 2**20
_MOST_WAITING_BYTES = 64 * 2**20


class NoRoomError(Exception):
    """Nothing more is taken now: too much waits, or the disk takes nothing."""


@dataclass
class Written:
    """What a collector has done since it began."""

    events: int = 0
    bytes: int = 0
    syncs: int = 0
    failures: int = 0
    last_sync_seconds: float = 0.0
    waiting_bytes: int = 0


@dataclass
class _Open:
    file: Path
    descriptor: int
    size: int = 0
    since: float = field(default_factory=time.monotonic)

    def has_room(self) -> bool:
        """Whether it may grow."""
        return self.size < _LARGEST_BYTES and time.monotonic() - self.since < _LONGEST_SECONDS

    def is_there(self) -> bool:
        """Whether nobody has moved or removed it: what is written then would be nowhere."""
        try:
            return os.path.samestat(self.file.stat(), os.fstat(self.descriptor))
        except FileNotFoundError:
            return False


class Segments:
    """Appends lines durably. One per process and folder; call `close` at the end."""

    def __init__(
        self,
        folder: Path,
        table: str,
        *,
        most_waiting: int = _MOST_WAITING_BYTES,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self._folder = folder
        self._table = table
        self._most_waiting = most_waiting
        self._sync = sync
        self._open: _Open | None = None
        self._number = 0
        self._waiting: list[tuple[bytes, int, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="segments")
        self.written = Written()

    async def append(self, lines: bytes, count: int) -> None:
        """Return once the lines are on disk. Raises NoRoomError when they are not, nor will be."""
        if self.written.waiting_bytes + len(lines) > self._most_waiting:
            raise NoRoomError("too much waits to be written")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, count, done))
        self.written.waiting_bytes += len(lines)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def close(self) -> None:
        """Write what waits, and end."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()
        if self._open is not None:
            os.close(self._open.descriptor)
            self._open = None

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            content = b"".join(lines for lines, _, _ in group)
            since = time.monotonic()
            try:
                await loop.run_in_executor(self._thread, self._put, content)
            except OSError as error:
                self.written.failures += 1
                failed = NoRoomError(f"the disk takes nothing: {error.strerror}")
                self._settle(group, failed)
            except BaseException:
                self._settle(group, NoRoomError("the collector ends"))
                raise
            else:
                self.written.syncs += 1
                self.written.bytes += len(content)
                self.written.last_sync_seconds = time.monotonic() - since
                self._settle(group, None)

    def _settle(
        self, group: list[tuple[bytes, int, asyncio.Future[None]]], failed: NoRoomError | None
    ) -> None:
        for lines, count, done in group:
            self.written.waiting_bytes -= len(lines)
            if not done.done():
                if failed is None:
                    self.written.events += count
                    done.set_result(None)
                else:
                    done.set_exception(failed)

    def _put(self, content: bytes) -> None:
        """Append and sync, or leave the segment as it was: a refused event must not be there."""
        segment = self._segment()
        try:
            _write_all(segment.descriptor, content)
            self._sync(segment.descriptor)
        except OSError:
            self._take_back(segment)
            raise
        segment.size += len(content)

    def _take_back(self, segment: _Open) -> None:
        try:
            os.ftruncate(segment.descriptor, segment.size)
        finally:
            os.close(segment.descriptor)
            self._open = None

    def _segment(self) -> _Open:
        one = self._open
        if one and one.has_room() and one.is_there():
            return one
        if one:
            os.close(one.descriptor)
            self._open = None
        self._number += 1
        name = f"{self._table}-{time.time_ns():020d}-{os.getpid()}-{self._number}.jsonl"
        self._open = _begun(self._folder / name)
        return self._open


def _begun(file: Path) -> _Open:
    """A new segment whose name is on disk. Leaves nothing behind when it is not."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(file, flags, 0o640)
    try:
        sync_folder(file.parent)
    except OSError:
        os.close(descriptor)
        file.unlink(missing_ok=True)
        raise
    return _Open(file, descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Let the names in a folder be on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
