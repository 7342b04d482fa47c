"""Folders for file drops: local, or in any store that fsspec knows. Files are whole or absent."""

# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false
# fsspec brings no types.

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import fsspec
from fsspec.core import split_protocol, url_to_fs

from baton.errors import CheckFailed

_LOCAL = frozenset({"file", "local"})
_RENAMING = frozenset({"sftp", "ssh"})


class Folder(Protocol):
    """Where files lie by name."""

    def read(self, name: str) -> bytes | None:
        """The content of a file, null when there is none."""
        ...

    def write(self, name: str, content: bytes) -> bool:
        """Let a file have this content; returns whether it had another, or was not there."""
        ...


def open_folder(directory: str, options: Mapping[str, Any]) -> Folder:
    """A folder by path or URL; `options` are those of the store's driver."""
    protocol = _protocol(directory)
    if protocol in _LOCAL:
        return LocalFolder(Path(split_protocol(directory)[1]))
    store, path = url_to_fs(directory, skip_instance_cache=True, **options)
    return StoreFolder(store, path.rstrip("/"), protocol in _RENAMING)


def check_directory(directory: str) -> str:
    """The same, if it can be opened here.

    Raises ValueError for an unknown store, one whose driver is not installed, and a password.
    """
    protocol = _protocol(directory)
    if protocol not in _LOCAL and urlsplit(directory).password is not None:
        raise ValueError("has a password in it: it belongs into storage_options")
    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        raise ValueError(f"{protocol}:// has no driver here: {error}") from None
    except ValueError:
        raise ValueError(f"{protocol}:// is no store that fsspec knows") from None
    return directory


@dataclass(frozen=True)
class LocalFolder:
    """A folder of this machine: files appear by rename, and last."""

    path: Path

    def read(self, name: str) -> bytes | None:
        """The content of a file, null when there is none."""
        file = self.path / name
        return file.read_bytes() if file.exists() else None

    def write(self, name: str, content: bytes) -> bool:
        """Let a file have this content; a reader sees the old one or the new one."""
        if self.read(name) == content:
            return False
        self.path.mkdir(parents=True, exist_ok=True)
        part = self.path / f"{name}.part"
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self.path / name)
        self._sync()
        return True

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class StoreFolder:
    """A folder of a store: files are put whole, under another name first where it `renames`."""

    store: Any = field(repr=False)
    path: str
    renames: bool = False

    def read(self, name: str) -> bytes | None:
        """The content of a file, null when there is none."""
        self.store.invalidate_cache()
        try:
            return self.store.cat_file(self._at(name))
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> bool:
        """Let a file have this content. Raises CheckFailed when the store then holds another."""
        if self._holds(name, content):
            return False
        if self.renames:
            self.store.makedirs(self.path, exist_ok=True)
            self.store.pipe_file(self._at(f"{name}.part"), content)
            self.store.mv(self._at(f"{name}.part"), self._at(name))
        else:
            self.store.pipe_file(self._at(name), content)
        if not self._holds(name, content):
            raise CheckFailed(
                "the store does not hold what was written",
                where=name,
                mend="let nobody else write there, then run the sync again",
            )
        return True

    def _holds(self, name: str, content: bytes) -> bool:
        """By size, and by the MD5 that some stores give as ETag; where it differs, by reading."""
        self.store.invalidate_cache()
        try:
            facts = self.store.info(self._at(name))
        except FileNotFoundError:
            return False
        if facts["size"] != len(content):
            return False
        tag = str(facts.get("ETag", "")).strip('"')
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return tag == digest or self.store.cat_file(self._at(name)) == content

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}"


def _protocol(directory: str) -> str:
    return split_protocol(directory)[0] or "file"
