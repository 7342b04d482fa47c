"""A throw-away PostgreSQL server: its own cluster, on a socket in its own folder, fsync on."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

try:
    import psycopg
except ImportError:  # it comes with an extra
    psycopg = None

_START_SECONDS = 60
_STOP_SECONDS = 30


class PostgresServer:
    """A running server; `database` makes and removes databases on it."""

    def __init__(self, socket_folder):
        self._folder = socket_folder
        self._numbers = itertools.count(1)

    def url(self, database):
        return f"postgresql+psycopg://baton@/{database}?host={self._folder}"

    def connect(self, database="postgres"):
        return psycopg.connect(host=str(self._folder), user="baton", dbname=database)

    def run(self, statement, database="postgres"):
        with self.connect(database) as connection:
            connection.autocommit = True
            connection.execute(statement)

    @contextmanager
    def database(self, template="template0"):
        name = f"t{next(self._numbers)}"
        self.run(f"create database {name} template {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"drop database {name} with (force)")


def await_somebody_waiting(execute):
    """Return when some transaction waits for a lock; `execute` runs SQL on the server."""
    deadline = time.monotonic() + _START_SECONDS
    while execute("select count(*) from pg_locks where not granted").fetchone()[0] == 0:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


@contextmanager
def running():
    """Start a server, and remove it with all its data. Skips where there is none to start."""
    if psycopg is None:
        pytest.skip("the driver for PostgreSQL is not installed: psycopg is not found")
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="baton-pg-"))
    try:
        owner = _owner(folder)
        _initialise(binaries, folder, owner)
        with _started(binaries, folder, owner):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries():
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return Path(found).parent
    if not debian:
        pytest.skip("no PostgreSQL server is installed: initdb is not found")
    return debian[-1].parent


def _version(initdb):
    return int(initdb.parts[-3]) if initdb.parts[-3].isdigit() else 0


def _owner(folder):
    """The server refuses to run as root: then it runs as the packaged user, or as nobody."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    owner = names.get("postgres") or names["nobody"]
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _initialise(binaries, folder, owner):
    options = ["-U", "baton", "--auth=trust", "-E", "UTF8", "--locale=C"]
    command = [binaries / "initdb", "-D", folder / "data", *options]
    made = subprocess.run(command, capture_output=True, cwd=folder, check=False, **owner)
    assert made.returncode == 0, made.stderr.decode()


@contextmanager
def _started(binaries, folder, owner):
    settings = ["-c", "listen_addresses=", "-c", "max_connections=60"]
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **owner)
    try:
        _await_start(server, folder)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # fast: what is connected is cut off
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_start(server, folder):
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return PostgresServer(folder).connect().close()
        except psycopg.OperationalError:
            over = server.poll() is not None or time.monotonic() > deadline
            assert not over, (folder / "log").read_text(errors="replace")
            time.sleep(0.05)
