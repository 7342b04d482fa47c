"""Paths of evidence, and what decisions make of them."""

from datetime import datetime

from baton.identity.paths import Edge, links_between, nearest_path, parts, strongest_path

AT = datetime(2026, 3, 1, 12)


def edge(one, other, *, rule="same_record", evidence=1, confidence=0.9, reason=None):
    status = "rejected" if reason else "accepted"
    return Edge(one, other, rule, evidence, confidence, status, reason, AT, AT)


def walked(path):
    return [one.pair for one in path]


def test_the_strongest_path_is_the_one_whose_weakest_link_is_strongest():
    edges = [
        edge("a", "d", confidence=0.5),
        edge("a", "b", confidence=0.8),
        edge("b", "c", confidence=0.8),
        edge("c", "d", confidence=0.95),
    ]
    assert walked(strongest_path(edges, "a", "d")) == [("a", "b"), ("b", "c"), ("c", "d")]


def test_of_paths_that_are_as_strong_the_shortest_is_told():
    edges = [edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("a", "x"), edge("x", "d")]
    assert walked(strongest_path(edges, "a", "d")) == [("a", "x"), ("x", "d")]


def test_a_decision_is_stronger_than_any_record_and_refused_edges_join_nobody():
    decided = edge("a", "b", rule="force", evidence=0, confidence=1.0)
    edges = [edge("a", "c", evidence=99), edge("c", "b", reason="cardinality"), decided]
    assert strongest_path(edges, "b", "a") == [decided]
    assert strongest_path(edges[:2], "a", "b") == []


def test_the_nearest_path_needs_as_few_refused_edges_as_can_be():
    edges = [
        edge("a", "z", reason="limit"),
        edge("z", "b", reason="limit"),
        edge("a", "c"),
        edge("c", "d", reason="fanout_cap"),
        edge("d", "b"),
    ]
    assert walked(nearest_path(edges, "a", "b")) == [("a", "c"), ("c", "d"), ("d", "b")]


def test_who_is_kept_apart_falls_into_parts_by_the_strongest_evidence():
    edges = [edge("a", "x", evidence=5), edge("b", "x", evidence=1), edge("b", "y")]
    found = parts(edges, ("a", "b"), {"a": 2, "b": 1, "x": 3, "y": 4})
    assert found == [{"b", "y"}, {"a", "x"}]


def test_decisions_that_join_two_are_told_from_records_that_do_and_from_chains():
    records = [edge("a", "a1"), edge("b", "b1")]
    assert links_between(("a", "b"), records, [("a1", "b1")]) == ([("a1", "b1")], False)
    assert links_between(("a", "b"), records, [("a1", "m"), ("b1", "m")]) == ([], True)
    assert links_between(("a", "b"), [*records, edge("a1", "b1")], [("a", "b1")]) == ([], False)
