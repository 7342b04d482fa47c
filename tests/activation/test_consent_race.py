"""People opt out at random moments while messages go out: judged by journal and receiver."""

import pytest

from benchmarks.delivery_singles import measure


@pytest.mark.long
def test_nothing_is_claimed_once_an_opt_out_is_committed_and_bytes_follow_claims_at_once(tmp_path):
    facts = measure(tmp_path, messages=2000, per_second=200, optouts_per_second=15)
    print(facts)
    assert facts["optouts"] > 20
    assert facts["states"]["cancelled"] > 0
    assert facts["claimed_after_optout"] == 0
    assert facts["first_byte_p99_s"] <= 1
    assert (facts["lost"], facts["duplicates"]) == (0, 0)
