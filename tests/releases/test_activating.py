"""Activating: what makes a release, what is refused, and what the next batch then goes by."""

from datetime import timedelta

import pytest
from installations import NOON, Installation

from baton.errors import Busy, Refused, UsageError
from baton.releases import TreeSql, differences, known_releases, read_release
from baton.warehouse import writer

CARD = "models/journeys/cards/quote_stalled.sql"
SIGNAL = "models/journeys/signals/quote_started.sql"
GUARD = "models/journeys/guards/high_value.sql"
SAID = "if: high_value, why: it's late}"
UNSAID = "why: it's late}"


def remove_high_value(shop: Installation) -> None:
    (shop.project.dbt_project / GUARD).unlink()
    shop.edit("models/journeys/guards.sql", "'high_value'", "")


def require_recorded(shop: Installation, tree: TreeSql | None = None) -> None:
    tree = tree or TreeSql(shop.project.dbt_project)
    with writer(shop.project.warehouse) as con:
        tree.require_recorded(con, shop.journal.activations())


def test_the_same_content_activated_twice_is_two_entries_and_one_release(
    shop: Installation,
) -> None:
    assert shop.activate() == shop.activate()
    with writer(shop.project.warehouse) as con:
        assert len(known_releases(con)) == 1
    assert [one.kind for one in shop.journal.activations()] == ["activate", "activate"]


def test_a_release_compiled_before_goes_live_again_under_its_own_id(shop: Installation) -> None:
    first = shop.activate()
    shop.edit(CARD, "1 day,", "2 days,")
    second = shop.activate()
    shop.withdraw()
    facts = shop.activate_compiled(second[:8])
    assert shop.live() == facts["release_id"] == second
    assert facts["changes"]["cards"]["changed"] == ("quote_stalled",)
    assert first != second


def test_a_release_that_was_never_compiled_cannot_be_activated(shop: Installation) -> None:
    shop.activate()
    with pytest.raises(UsageError, match="no release is called 0123"):
        shop.activate_compiled("0123")


def test_a_release_with_other_sql_than_the_tree_is_not_activated_again(shop: Installation) -> None:
    first = shop.activate()
    shop.edit(GUARD, "1 as", "2 as")
    second = shop.activate()
    with pytest.raises(Refused, match="the SQL of guard high_value is not what the release"):
        shop.activate_compiled(first)
    assert shop.live() == second


def test_while_a_batch_runs_nothing_is_activated(shop: Installation) -> None:
    with writer(shop.project.warehouse), pytest.raises(Busy):
        shop.activate()
    assert shop.journal.activations() == []


def test_a_guard_that_a_standing_release_names_cannot_be_removed(shop: Installation) -> None:
    first = shop.activate()
    shop.open_in(first, "waiting", "called")
    shop.edit(CARD, SAID, UNSAID)
    shop.activate()
    remove_high_value(shop)
    with pytest.raises(Refused) as refused:
        shop.activate()
    said = str(refused.value)
    card = f"card {shop.card(first)[:12]} of release {first[:12]}, open instances: 2"
    assert f"guard high_value: journey quote_stalled, {card}" in said
    assert "baton release withdraw" in said
    assert refused.value.exit_code == 5


def test_a_guard_that_an_open_instance_goes_by_stays_though_its_release_is_withdrawn(
    shop: Installation,
) -> None:
    first = shop.activate()
    shop.open_in(first, "waiting")
    shop.edit(CARD, SAID, UNSAID)
    shop.activate()
    shop.withdraw(first)
    remove_high_value(shop)
    with pytest.raises(Refused, match="open instances: 1"):
        shop.activate()


def test_a_guard_that_nobody_goes_by_can_be_removed(shop: Installation) -> None:
    first = shop.activate()
    shop.edit(CARD, SAID, UNSAID)
    shop.activate()
    shop.withdraw(first)
    remove_high_value(shop)
    assert shop.activate() == shop.live()


def test_a_guard_of_an_edge_cannot_be_removed_either(shop: Installation) -> None:
    entry = "why: it's late}\n  - {from: waiting, to: seen, enters: high_value, why: worth it}"
    shop.edit(CARD, SAID, UNSAID)
    shop.edit(CARD, "why: it's late}", entry)
    shop.activate()
    shop.edit(CARD, entry, "why: it's late}")
    remove_high_value(shop)
    with pytest.raises(Refused, match="guard high_value: journey quote_stalled"):
        shop.activate()


def test_changed_sql_stops_a_batch_until_it_is_activated(shop: Installation) -> None:
    shop.activate()
    require_recorded(shop)
    shop.edit(SIGNAL, "stg_events", "stg_web")
    shop.edit(GUARD, "1 as", "2 as")
    with pytest.raises(Refused, match="the SQL of guard high_value, signal quote_started is not"):
        require_recorded(shop)
    shop.edit(SIGNAL, "stg_web", "stg_events")
    shop.activate()
    require_recorded(shop)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SIGNAL, "-- the quote", "/* of the shop */"),
        ("models/journeys/signals.sql", "union_signals", "union_signals  "),
    ],
)
def test_comments_and_hand_lists_stop_no_batch(
    shop: Installation, path: str, old: str, new: str
) -> None:
    shop.activate()
    before = TreeSql(shop.project.dbt_project).fingerprint
    shop.edit(path, old, new)
    require_recorded(shop)
    assert TreeSql(shop.project.dbt_project).fingerprint == before


def test_a_signal_that_no_card_names_stops_no_batch_but_is_heard_from_history(
    shop: Installation,
) -> None:
    shop.activate()
    before = TreeSql(shop.project.dbt_project).fingerprint
    new = shop.project.dbt_project / "models/journeys/signals/quote_left.sql"
    new.write_text("select 1", encoding="utf-8")
    require_recorded(shop)
    assert TreeSql(shop.project.dbt_project).fingerprint != before


def test_a_signal_that_is_listed_or_moved_in_the_list_is_heard_from_history(
    shop: Installation,
) -> None:
    shop.activate()
    before = TreeSql(shop.project.dbt_project).fingerprint
    file = shop.project.dbt_project / "models/journeys/signals.sql"
    file.write_text(file.read_text().replace("[", "['quote_left', ", 1), encoding="utf-8")
    require_recorded(shop)
    assert TreeSql(shop.project.dbt_project).fingerprint != before


def test_sql_of_a_withdrawn_release_stops_a_batch_until_it_is_put_back(shop: Installation) -> None:
    shop.activate()
    shop.edit(GUARD, "1 as", "2 as")
    shop.activate()
    shop.withdraw()
    with pytest.raises(Refused, match="guard high_value"):
        require_recorded(shop)
    shop.edit(GUARD, "2 as", "1 as")
    require_recorded(shop)


def test_a_changed_variable_is_a_change_of_rules_and_waits_for_its_activation(
    shop: Installation,
) -> None:
    before = shop.activate()
    settings = shop.project.dbt_project / "dbt_project.yml"
    settings.write_text(settings.read_text() + "vars: {event_names: {viewed: product_view}}\n")
    with pytest.raises(Refused, match="signal quote_started") as refused:
        require_recorded(shop)
    assert "variables in dbt_project.yml" in refused.value.mend
    after = shop.activate()
    require_recorded(shop)
    with writer(shop.project.warehouse) as con:
        releases_ = [read_release(con, one) for one in (before, after)]
    assert differences(*releases_)["signals"].changed == ("quote_started",)


def test_a_process_asks_again_when_another_release_is_live(shop: Installation) -> None:
    shop.activate()
    process = TreeSql(shop.project.dbt_project)
    require_recorded(shop, process)
    shop.edit(GUARD, "1 as", "2 as")
    require_recorded(shop, process)
    shop.journal.set_simulated_time(NOON + timedelta(hours=1))
    shop.activate()
    with pytest.raises(Refused, match="guard high_value"):
        require_recorded(shop, process)


def test_a_warehouse_without_the_live_release_is_refused(shop: Installation) -> None:
    shop.activate()
    with writer(shop.project.warehouse) as con:
        con.execute("delete from raw.releases")
    with pytest.raises(Refused, match="not in this warehouse"):
        require_recorded(shop)
