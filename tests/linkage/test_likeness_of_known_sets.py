"""The one setting keeps its accuracy on the small public sets, and says the same twice."""

import pytest

pytest.importorskip("splink", reason="Splink is an extra: pip install -e '.[linkage]'")

from baton.errors import UsageError
from benchmarks.linkage import DataSet, measure, shared_sets

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("name", "least"), [("fake_1000", 0.912), ("febrl3", 0.995)])
def test_pairwise_f1_stays_above_its_bar(name: str, least: float) -> None:
    facts = measure(shared(name))
    assert facts["f1"] >= least
    assert facts["precision"] >= 0.99
    assert facts["pairs"] > 0


def test_the_same_records_are_told_apart_the_same_way_again() -> None:
    once, again = measure(shared("fake_1000")), measure(shared("fake_1000"))
    assert without_seconds(once) == without_seconds(again)


def shared(name: str) -> DataSet:
    """The set of the shared folder; the test is skipped where there is none."""
    try:
        return next(one for one in shared_sets(is_small=True) if one.name == name)
    except UsageError:
        pytest.skip("no identity sets here: set BATON_SHARED to the folder of data/identity")


def without_seconds(facts: dict[str, object]) -> dict[str, object]:
    return {name: fact for name, fact in facts.items() if name not in ("seconds", "peak_mb")}
