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
    shop.customers_arrive()
    opening = shop.run(micro_batch)

    assert opening.success
    assert {"raw/crm_contacts", "customers", "outbox", "handed_over", "messages_sent"} <= (
        materialised(opening)
    )
    assert shop.query(DECISIONS) == []

    shop.ada_leaves_a_quote()
    reminding = shop.run(micro_batch)

    assert shop.query(DECISIONS) == [("send", "all_checks_passed")]
    assert reminding.is_node_success("decide")
    assert "messages_sent" not in materialised(reminding)
    assert why_failed(reminding, "deliver").startswith(
        "dagster._core.definitions.events.Failure: "
        "the environment variable SHOP_MAIL_HOST is not set\n"
        "  where: destinations.yml, shop_mail\n"
        "  mend:  "
    )

    again = shop.run(micro_batch)

    assert "decisions" in materialised(again)
    assert shop.query(DECISIONS) == [("send", "all_checks_passed")]


def why_failed(result: dg.ExecuteInProcessResult, op: str) -> str:
    """Return the message of the op's failure."""
    failure = result.failure_data_for_node(op)
    return failure.error.message if failure and failure.error else ""
