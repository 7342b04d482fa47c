"""File systems of little room, that a test fills and frees."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_BLOCK = 4096


@dataclass(frozen=True)
class SmallDisk:
    """A file system in memory; `fill` and `free` work by a file that takes all its room."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "_ballast"

    def fill(self) -> None:
        """Leave room for nothing."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * _BLOCK):
                pass

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    def resize(self, size: str) -> None:
        """Have that much room in all, as `mount` writes it."""
        subprocess.run(_mount(self.folder, f"remount,size={size}"), check=True)


@contextmanager
def small_disk(folder: Path, size: str) -> Generator[SmallDisk]:
    """Mount a file system of this size on the folder; the test is skipped where none may be."""
    folder.mkdir(exist_ok=True)
    command = _mount(folder, f"size={size}")
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system in memory can be mounted by this user")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(folder: Path, options: str) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
