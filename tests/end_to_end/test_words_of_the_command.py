"""What the command says when something is in the way: what, where, and the mend."""

import re

from baton.warehouse import writer

from .commands import call, start
from .harness import Edit, Shop

CARD = "models/journeys/cards/quote_stalled.sql"


def test_a_locked_warehouse_ends_a_run_with_code_4_and_the_mend(at_the_root):
    stores = {"BATON_WAREHOUSE": str(at_the_root / "baton.duckdb")}
    with writer(at_the_root / "baton.duckdb"):
        refused = start(at_the_root, stores, "run")
        _, said = refused.communicate()
    assert refused.returncode == 4
    assert "a batch is running on this warehouse" in said
    assert "where: baton.duckdb" in said
    assert "mend:  wait for the other command to end" in said


def test_a_bad_card_fails_the_check_with_file_line_and_mend(tmp_path):
    edits = [Edit(CARD, "when: quote_submitted", "when: quote_sumbitted")]
    root = Shop(tmp_path, edits).root
    line = next(
        number
        for number, text in enumerate((root / "dbt_project" / CARD).read_text().splitlines(), 1)
        if "quote_sumbitted" in text
    )
    found = call(root, {}, "check")
    assert found.exit_code == 1
    assert re.search(rf"quote_stalled\.sql:{line}\b", found.output)
    assert "quote_submitted" in found.output


def test_a_missing_secret_is_named_before_anything_is_sent(shop, waiting):
    without = {**waiting, "SHOP_MAIL_HOST": None, "CRM_TASKS_SECRET": None}
    refused = call(shop.root, without, "send")
    assert refused.exit_code == 2
    assert re.search(r"the environment variable \w+ is not set", refused.output)
    assert re.search(r"mend:  set \w+ in the environment of the sender", refused.output)
