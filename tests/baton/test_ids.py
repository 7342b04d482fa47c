"""Ids: the vectors that SQL and Python share."""

import hashlib
from datetime import datetime

import pytest

from baton.ids import make_id


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("node", "email", "a@example.com"), "node\x1femail\x1fa@example.com"),
        (("lane", "p", None), "lane\x1fp\x1f\x1e"),
        (("change", 7), "change\x1f7"),
        (("timer", datetime(1970, 1, 1, 0, 0, 1, 5)), "timer\x1f1000005"),
        (("timer", datetime(1969, 12, 31, 23, 59, 59)), "timer\x1f-1000000"),
    ],
)
def test_an_id_is_the_md5_of_kind_and_parts(parts, text):
    assert make_id(*parts) == md5(text)


def test_a_missing_part_is_not_an_empty_one():
    assert make_id("node", None) != make_id("node", "")


def test_parts_do_not_run_into_each_other():
    assert make_id("edge", "ab", "c") != make_id("edge", "a", "bc")
