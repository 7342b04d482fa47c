"""The micro-batch as a job, in this process, on a shop of its own."""

import dagster as dg
from corner_shop import CornerShop

from dagster_defs.defs.micro_batch.job import micro_batch

DECISIONS = "select outcome, reason from decisions.decisions order by decided_at"


def materialised(result: dg.ExecuteInProcessResult) -> set[str]:
    """Return the assets that the run reported."""
    events = result.get_asset_materialization_events()
    return {event.asset_key.to_user_string() for event in events if event.asset_key}


def test_a_stalled_quote_is_decided_once_and_waits_while_its_destination_is_not_set(
    shop: CornerShop,
) -> None:
    shop.ada_leaves_a_quote()
    first = shop.run(micro_batch)

    assert shop.query(DECISIONS) == [("send", "all_checks_passed")]
    assert {"raw/web_events", "customers", "outbox", "handed_over"} <= materialised(first)
    assert "messages_sent" not in materialised(first)
    evaluations = {one.check_name: one.passed for one in first.get_asset_check_evaluations()}
    assert evaluations["email_claimed_in_time"], "what time brought about is no matter of speed"
    assert "delivers_in_time" in evaluations
    assert why_failed(first, "deliver").startswith(
        "dagster._core.definitions.events.Failure: "
        "the environment variable SHOP_MAIL_HOST is not set\n"
        "  where: destinations.yml, shop_mail\n"
        "  mend:  "
    )

    second = shop.run(micro_batch)

    assert "decisions" in materialised(second)
    assert shop.query(DECISIONS) == [("send", "all_checks_passed")]


def test_nothing_to_send_needs_no_destination(shop: CornerShop) -> None:
    shop.ada_submits_it()
    run = shop.run(micro_batch)

    assert run.success
    assert "messages_sent" in materialised(run)


def why_failed(result: dg.ExecuteInProcessResult, op: str) -> str:
    """Return the message of the op's failure."""
    failure = result.failure_data_for_node(op)
    return failure.error.message if failure and failure.error else ""
