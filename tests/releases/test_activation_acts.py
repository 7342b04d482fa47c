"""What activating does to a running shop, and what editing a file does not."""

from collections.abc import Iterator

import pytest
from live_shop import LiveShop, Template

from baton.errors import Refused

CARD = "models/journeys/cards/quote_stalled.sql"
SIGNAL = "models/journeys/signals/quote_started.sql"
ACTIONS = "seeds/policies/actions.csv"
EVENTS = "models/staging/web/stg_web__events.sql"
REMINDED = ("email_quote_reminder", "send", "all_checks_passed")
BEFORE = ("email_quote_reminder", "nothing", "before_activation")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(template: Template) -> Iterator[LiveShop]:
    with template.open() as opened:
        yield opened


@pytest.mark.long
def test_a_repaired_signal_is_heard_from_history_and_sends_nothing_of_it(shop: LiveShop) -> None:
    shop.edit(SIGNAL, "'quote_started'", "'quote_begun'")
    shop.at(2)
    shop.activate("a typing error in it")
    shop.quote("ada", "early", -60)
    shop.quote("ada", "late", 30)
    shop.batch(180)
    assert shop.steps() == []

    shop.edit(SIGNAL, "'quote_begun'", "'quote_started'")
    with pytest.raises(Refused, match="the SQL of signal quote_started is not") as refused:
        shop.batch(200)
    assert "baton release activate" in str(refused.value)

    shop.at(240)
    assert shop.activate("mended")["changes"]["signals"]["changed"] == ("quote_started",)
    repaired = shop.batch(241)
    assert shop.steps() == [
        ("early", "reminded", 60),
        ("early", "waiting", -60),
        ("late", "reminded", 150),
        ("late", "waiting", 30),
    ]
    assert shop.decisions() == [("early", *BEFORE), ("late", *BEFORE)]
    assert repaired.handed_over.new == 0

    shop.quote("bob", "after", 250)
    assert shop.batch(400).handed_over.new == 1
    assert ("after", *REMINDED) in shop.decisions()


def test_an_edited_card_policy_and_a_new_signal_change_no_decision_until_they_are_activated(
    shop: LiveShop,
) -> None:
    shop.edit(CARD, "after: 2 hours", "after: 30 minutes")
    shop.edit(ACTIONS, "quote_reminder,10,12 hours", "quote_reminder,99,12 hours")
    shop.copy(SIGNAL, "quote_left")
    shop.edit("models/journeys/signals.sql", "'quote_started',", "'quote_started', 'quote_left',")
    shop.quote("ada", "edited", 10)
    shop.batch(60)
    assert shop.decisions() == []
    shop.batch(140)
    assert values(shop) == [("edited", 130, 10.0)]

    shop.at(150)
    changes = shop.activate("quicker, and worth more")["changes"]
    assert {what: (one["changed"], one["added"]) for what, one in changes.items()} == {
        "cards": (("quote_stalled",), ()),
        "policies": (("actions",), ()),
        "signals": ((), ("quote_left",)),
    }
    shop.batch(151)
    shop.quote("bob", "activated", 160)
    shop.batch(200)
    assert values(shop) == [("activated", 190, 99.0), ("edited", 130, 10.0)]


def test_a_withdrawn_release_loses_its_instances_and_messages_as_it_was_foretold(
    shop: LiveShop,
) -> None:
    first = shop.live()
    shop.edit(CARD, "waiting,", "looking,")
    shop.edit(CARD, "after: 2 hours", "after: 30 minutes")
    shop.at(2)
    second = shop.activate()["release_id"]
    shop.quote("ada", "reminded", 10)
    shop.quote("bob", "looking", 50)
    shop.batch(60)

    shop.at(61)
    foretold = shop.withdraw()
    assert foretold["live"] == first
    assert foretold["messages"] == {"unsent": 1, "claimed": 0}
    fates = [(one["step"], one["open"], one["becomes"]) for one in foretold["instances"]]
    assert fates == [("looking", 1, "withdrawn"), ("reminded", 1, "moves")]

    shop.batch(62)
    assert states(shop) == [("looking", "withdrawn", second), ("reminded", "open", first)]
    assert shop.journal.message_counts() == {"held": 1}


_LEFT_OUT = "'quote_started' and {{ json_text('properties', 'quote_id') }} not like 'odd%'"


@pytest.mark.long
def test_changed_sql_decides_from_the_next_batch_on_and_a_withdrawal_brings_the_old_back(
    shop: LiveShop,
) -> None:
    shop.quote("ada", "odd", 10)
    shop.batch(60)
    shop.save(SIGNAL, "'quote_started'", _LEFT_OUT)
    shop.at(61)
    shop.activate("odd quotes are no quotes")
    shop.quote("bob", "even", 62)
    shop.batch(140)
    assert shop.steps() == [("even", "waiting", 62)]
    assert shop.decisions() == []

    shop.at(141)
    back = shop.withdraw(puts_back=True)
    assert back["put_back"] == ["signal quote_started"]
    assert not any("put back" in line for line in back["next"])
    shop.quote("ada", "odd too", 142)
    shop.batch(270)
    assert ("odd", "waiting", 10) in shop.steps()
    assert ("odd too", *REMINDED) in shop.decisions()
    assert ("odd", *BEFORE) in shop.decisions()


@pytest.mark.long
def test_a_withdrawal_takes_up_no_draft_that_lies_in_the_tree(shop: LiveShop) -> None:
    shop.save(ACTIONS, "quote_reminder,10,12 hours", "quote_reminder,99,12 hours")
    shop.at(2)
    shop.activate()
    shop.quote("ada", "before", 3)
    shop.batch(10)
    shop.save(SIGNAL, "'quote_started'", "'quote_begun'")
    shop.at(11)
    shop.withdraw()
    shop.quote("bob", "meanwhile", 12)
    shop.batch(140)
    assert {("before", *REMINDED), ("meanwhile", *REMINDED)} <= set(shop.decisions())


@pytest.mark.long
def test_a_batch_that_is_killed_over_new_sql_leaves_the_old_rows_and_the_next_has_the_new(
    shop: LiveShop,
) -> None:
    shop.quote("ada", "odd", 10)
    shop.batch(60)
    shop.edit(SIGNAL, "'quote_started'", _LEFT_OUT)
    shop.at(61)
    shop.activate()
    before = shop.digests(with_views=False)
    assert shop.killed_before_commit() == -9
    assert shop.digests(with_views=False) == before
    assert shop.steps() == [("odd", "waiting", 10)]
    shop.batch(63)
    assert shop.steps() == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SIGNAL, "'quote_started'", _LEFT_OUT),
        (EVENTS, "\nselect\n", "\nselect\n    1 as one_more_column,\n"),
    ],
)
def test_building_what_a_change_concerns_leaves_what_building_all_leaves(
    template: Template, path: str, old: str, new: str
) -> None:
    left: list[object] = []
    for forgets in (False, True):
        with template.open() as shop:
            shop.quote("ada", "odd", 10)
            shop.batch(60)
            shop.edit(path, old, new)
            shop.at(61)
            shop.activate()
            if forgets:
                shop.forget_what_was_built()
            shop.quote("bob", "even", 62)
            built = shop.batch(200)
            assert (len(built.nodes) > 150) == forgets
            left.append(shop.digests())
    assert left[0] == left[1]


def values(shop: LiveShop) -> list[tuple[str, int, float]]:
    rows = shop.query(
        f"select correlation_key, epoch(due_at - timestamp '2024-05-06 12:00') / 60, value"
        f" from {shop.relation('candidates')} where action = 'email_quote_reminder' order by all"
    )
    return [(key, int(minute), value) for key, minute, value in rows]


def states(shop: LiveShop) -> list[tuple[str, str, str]]:
    return shop.query(
        f"select s.correlation_key, s.status, c.release_id from {shop.relation('journey_states')}"
        " as s inner join raw.release_cards as c on s.card_hash = c.card_hash order by all"
    )
