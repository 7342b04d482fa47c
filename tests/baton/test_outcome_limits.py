"""What bounces or is complained of too often is stopped, the narrowest scope first."""

from hypothesis import given
from hypothesis import strategies as st

from baton.limits import OutcomeCount, excessive

LIMITS = {"bounce_percent": 10, "complaint_percent": 1, "outcome_least": 50, "outcome_hours": 24}


def counted(journey, messages, *, bounced=0, complained=0, action="mail", destination="smtp"):
    """The four rows by which the warehouse counts messages of one journey."""
    own = {"journey": journey, "action": action, "destination": destination}
    scopes = {**own, "channel": "email"}
    return [
        OutcomeCount(scope, value, *own.values(), messages, bounced, complained)
        for scope, value in scopes.items()
    ]


def stops(*counts, limits=LIMITS, stopped=()):
    rows = [row for one in counts for row in one]
    return [(one.scope, one.value) for one in excessive(rows, limits, stopped)]


def test_the_reason_says_the_numbers_and_nobodys_data():
    (stop,) = excessive(counted("loud", 60, complained=3), LIMITS, ())
    assert stop.reason == (
        "complaint_percent: 3 of 60 messages in 24 h complained (5 %), at most 1 %"
    )
    assert stop.name == "loud"


def test_one_bad_journey_stops_neither_its_action_nor_its_channel():
    assert stops(counted("loud", 100, bounced=50), counted("quiet", 60)) == [("journey", "loud")]


def test_what_is_bad_in_several_small_journeys_stops_what_they_share():
    small = [counted(f"j{number}", 40, bounced=8) for number in range(3)]
    assert stops(*small) == [("action", "mail")]
    several = [counted(f"j{n}", 40, bounced=8, action=f"a{n}") for n in range(3)]
    assert stops(*several) == [("destination", "smtp")]
    spread = [
        counted(f"j{n}", 40, bounced=8, action=f"a{n}", destination=f"d{n}") for n in range(3)
    ]
    assert stops(*spread) == [("channel", "email")]


def test_a_few_messages_and_a_rate_at_its_limit_stop_nothing():
    assert stops(counted("few", 49, bounced=49)) == []
    assert stops(counted("just", 100, bounced=10)) == []
    assert stops(counted("over", 100, bounced=11)) == [("journey", "over")]


def test_what_is_stopped_is_not_stopped_again_and_counts_nowhere():
    loud = counted("loud", 100, bounced=50)
    assert stops(loud, stopped={("journey", "loud")}) == []
    assert stops(loud, stopped={("action", "mail")}) == []


def test_a_limit_that_the_policy_does_not_name_holds_nobody():
    assert stops(counted("loud", 100, bounced=100, complained=100), limits={}) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(1, 200),
            st.integers(0, 200),
            st.sampled_from("xy"),
            st.sampled_from("pq"),
        ),
        max_size=6,
    )
)
def test_after_the_stops_no_scope_that_goes_on_is_over_its_limit(drawn):
    counts = [
        row
        for journey, messages, bounced, action, destination in drawn
        for row in counted(
            journey,
            messages,
            bounced=min(bounced, messages),
            action=action,
            destination=destination,
        )
    ]
    found = {(one.scope, one.value) for one in excessive(counts, LIMITS, ())}
    assert excessive(counts, LIMITS, found) == []
