from datetime import datetime

import pytest

from activation.exchange import Window
from activation.quotas import Quota, read_quota

NOW = datetime(2026, 3, 2, 12, 0)
EPOCH_NOW = 1_772_452_800


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        ({}, Quota()),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "30"}, Quota(12, 30)),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH_NOW + 45)},
            Quota(0, 45),
        ),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str((EPOCH_NOW + 45) * 1000)},
            Quota(0, 45),
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH_NOW - 9)}, Quota(0, 0)),
        ({"x-ratelimit-remaining": "7"}, Quota(7, None)),
        ({"x-ratelimit-remaining": "soon", "x-ratelimit-reset": "never"}, Quota()),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "5"}, Quota(3, 5)),
        (
            {"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60'},
            Quota(50, 30, (Window(100, 60),)),
        ),
        (
            {"ratelimit": '"burst";r=9;t=1, "day";r=2;t=600'},
            Quota(2, 600),
        ),
        (
            {"ratelimit-policy": '"burst";q=10;w=1, "minute";q=150;w=60'},
            Quota(windows=(Window(10, 1), Window(150, 60))),
        ),
        (
            {"ratelimit-limit": "100, 100;w=10", "ratelimit-remaining": "1"},
            Quota(1, None, (Window(100, 10),)),
        ),
    ],
)
def test_headers_are_read_as_vendors_and_the_draft_write_them(headers, quota):
    assert read_quota(headers, NOW) == quota


@pytest.mark.parametrize("reset", ["inf", "1e300", "nan", "9" * 400])
def test_a_reset_without_sense_is_no_longer_than_a_day(reset):
    quota = read_quota({"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}, NOW)
    assert quota.reset_seconds in (None, 86_400)
    assert read_quota({"x-ratelimit-remaining": "inf"}, NOW) == Quota()
