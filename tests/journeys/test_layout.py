"""Boxes never overlap, whatever the card; every line ends at its boxes."""

from itertools import combinations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from baton.journeys.drawing.layout import Box, lay_out
from baton.journeys.drawing.lettering import width_of, wrapped

NAMES = [f"box{number}" for number in range(12)]


@st.composite
def graphs(draw):
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    boxes = [Box(name, draw(st.integers(20, 220)), draw(st.integers(16, 90))) for name in names]
    edges = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=18))
    loose = [edge for edge in edges if edge[0] != edge[1]]
    return boxes, loose, draw(st.lists(st.sampled_from(names), max_size=1))


@example(
    (
        [Box(f"box{number}", 20, 16) for number in range(8)],
        [
            (f"box{one}", f"box{other}")
            for one, other in ((0, 1), (0, 3), (0, 5), (0, 6), (1, 2), (2, 4), (4, 7))
        ],
        ["box0"],
    )
)
@settings(max_examples=40, deadline=None)
@given(graphs())
def test_boxes_never_overlap_and_lie_within_the_drawing(graph):
    boxes, edges, floating = graph
    layout = lay_out(boxes, edges, floating)
    spots = layout.spots.values()
    for one, other in combinations(spots, 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2
        assert apart or one.bottom <= other.y or other.bottom <= one.y
    assert min(one.x - one.width / 2 for one in spots) >= -0.001
    assert max(one.x + one.width / 2 for one in spots) <= layout.width + 0.001
    assert max(one.bottom for one in spots) <= layout.height + 0.001


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_every_line_begins_at_its_source_and_ends_at_its_target(graph):
    boxes, edges, floating = graph
    layout = lay_out(boxes, edges, floating)
    assert [(line.source, line.target) for line in layout.lines] == edges
    for line in layout.lines:
        for name, (x, y) in ((line.source, line.points[0]), (line.target, line.points[-1])):
            spot = layout.spots[name]
            assert y in (spot.y, spot.bottom)
            assert abs(x - spot.x) <= spot.width / 2


def test_a_chain_is_straight():
    boxes = [Box(name, 100, 40) for name in NAMES[:4]]
    layout = lay_out(boxes, [("box0", "box1"), ("box1", "box2"), ("box2", "box3")])
    assert len({round(spot.x, 3) for spot in layout.spots.values()}) == 1


def test_text_breaks_at_words_and_a_long_word_stands_alone():
    lines = wrapped("a rather long reason with_one_word_that_is_longer_than_all", 12, 90)
    assert " ".join(lines) == "a rather long reason with_one_word_that_is_longer_than_all"
    assert all(width_of(line, 12) <= 90 or " " not in line for line in lines)
