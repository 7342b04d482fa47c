"""Releases: rules as versioned data; compiled, kept for good, activated and withdrawn."""

from baton.cards import SqlFact
from baton.releases.activating import activate_compiled, activate_named, compile_and_activate
from baton.releases.compile import PolicyRow, Release, compile_release
from baton.releases.difference import Difference, differences
from baton.releases.facts import list_facts, show_facts
from baton.releases.log import activate, live_release, resolve, standing_releases
from baton.releases.putting_back import put_sql_back
from baton.releases.store import KnownRelease, known_releases, read_release, write_release
from baton.releases.tree import TreeSql
from baton.releases.withdrawing import withdraw

__all__ = [
    "Difference",
    "KnownRelease",
    "PolicyRow",
    "Release",
    "SqlFact",
    "TreeSql",
    "activate",
    "activate_compiled",
    "activate_named",
    "compile_and_activate",
    "compile_release",
    "differences",
    "known_releases",
    "list_facts",
    "live_release",
    "put_sql_back",
    "read_release",
    "resolve",
    "show_facts",
    "standing_releases",
    "withdraw",
    "write_release",
]
