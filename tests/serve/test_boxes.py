"""Whatever a form says, a yes is only recorded where it was given."""

from hypothesis import given
from hypothesis import strategies as st

from baton.journal import ContactPoint, Standing
from baton.serve.boxes import PURPOSES, boxes_of, said

SAYS = st.sampled_from(["yes", "no", "unknown", "suppressed"])
KNOWN = st.fixed_dictionaries(dict.fromkeys(PURPOSES, SAYS))
CHANNELS = ("email", "sms", "push")
OWN = "email"
NAMES = [f"{channel}.{purpose}" for channel in CHANNELS for purpose in PURPOSES]
SHOWN = st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(["on", "off"]))
FIELDS = st.one_of(
    st.tuples(st.just("on"), st.sampled_from(NAMES)),
    st.tuples(st.just("shown"), SHOWN),
    st.tuples(st.text(max_size=5), st.text(max_size=5)),
)


def boxes(known):
    return boxes_of(
        [
            (
                ContactPoint(f"cp-{channel}", f"n-{channel}", channel, is_own=channel == OWN),
                {purpose: Standing(says) for purpose, says in by_purpose.items()},
            )
            for channel, by_purpose in known.items()
        ]
    )


@given(st.fixed_dictionaries(dict.fromkeys(CHANNELS, KNOWN)), st.lists(FIELDS, max_size=30))
def test_a_statement_follows_from_what_was_shown_and_what_is_ticked(known, form):
    fields = set(form)
    for one in said(boxes(known), form, "main"):
        name = f"{one.channel}.{one.purpose}"
        is_on = ("on", name) in fields
        shown = {state for state in ("on", "off") if ("shown", f"{name}={state}") in fields}
        stood = known[one.channel][one.purpose]
        assert len(shown) == 1
        assert stood != "suppressed" or not one.granted
        if one.granted:
            assert (is_on, shown, one.channel) == (True, {"off"}, OWN)
        else:
            assert not is_on
            assert shown == {"on"} or stood == "unknown"


@given(st.fixed_dictionaries(dict.fromkeys(CHANNELS, KNOWN)))
def test_an_answer_that_leaves_the_page_as_it_was_says_no_yes(known):
    shown = boxes(known)
    form = [("shown", f"{box.name}={'on' if box.is_on else 'off'}") for box in shown]
    form += [("on", box.name) for box in shown if box.is_on]
    statements = said(shown, form, "main")
    assert not any(one.granted for one in statements)
    assert {known[one.channel][one.purpose] for one in statements} <= {"unknown"}
