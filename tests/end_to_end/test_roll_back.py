"""A card that writes again and again goes live, is stopped by a limit, and is taken back."""

import json
import shutil
from dataclasses import dataclass, replace
from typing import Any

import pytest

from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import MicroBatch

from .commands import call
from .harness import Edit, Installation, Shop, _apply
from .learned import ANN
from .records import after, quote_started
from .slices import arrive, slice_folder, write_slices

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

HARMFUL = (
    Edit("models/journeys/cards/quote_stalled.sql", "reentry: never", "reentry: always"),
    Edit("models/journeys/cards/quote_stalled.sql", "after: 2 hours", "after: 2 minutes"),
    Edit("seeds/policies/actions.csv", "shop_mail,sales,quote", "shop_mail,transactional,quote"),
)
TIMES = 8


@dataclass
class RolledBack:
    """The installation, the batch that the limit stopped, and what commands have told."""

    installation: Installation
    stopped: list[str]
    received: list[Any]
    resumed: dict[str, Any]
    told: list[dict[str, Any]]
    verified: dict[str, Any]


def baton(installation, *arguments):
    result = call(installation.project.root, installation.environment(), *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def rolled_back(tmp_path_factory):
    """Ann looks at the same quote eight times while the harmful card is live."""
    folder = tmp_path_factory.mktemp("harm")
    shop = Shop(folder)
    quotes = [quote_started(ANN, at=5 + minute) for minute in range(TIMES)]
    again = [
        replace(one, values={**one.values, "event_id": f"ev-again-{number}"}, arrives_at=after(20))
        for number, one in enumerate(quotes)
    ]
    with shop.open(folder / "stores", [ANN]) as before:
        write_slices(folder / "slices", [*ANN.base(), *again], [after(0), after(20)])
        arrive(slice_folder(folder / "slices", 0), before.project.landing)
        before.batch(after(0))
        for edit in HARMFUL:
            _apply(edit, folder / "dbt_project")
        harmful = releases.compile_and_activate(
            before.project, before.journal, by="sam", approved_by=None, reason="forced through"
        )
        now = replace(before, batches=MicroBatch(before.project, DbtProject(before.project)))
        arrive(slice_folder(folder / "slices", 1), now.project.landing)
        batch = now.batch(after(20))
        now.send()
        received = [one for one in now.receivers.log.events() if one["kind"] == "mail"]
        signed = ("--by", "kim", "--reason", "it writes again and again")
        now.journal.set_simulated_time(after(24))
        baton(now, "release", "withdraw", harmful["release_id"], *signed)
        now.journal.set_simulated_time(after(26))
        resumed = baton(now, "resume", "--journey", "quote_stalled", "--held", "cancel", *signed)
        asked = ("--journey", "quote_stalled", "--since", "2026-03-01")
        told = baton(now, "audit", *asked)["entries"]
        verified = baton(now, "audit", "verify")
        yield RolledBack(now, batch.stopped, received, resumed, told, verified)
    shutil.rmtree(folder)


def test_the_journey_is_stopped_before_anything_of_it_goes_out(rolled_back):
    assert rolled_back.stopped == ["quote_stalled"]
    assert rolled_back.received == []


def test_what_was_held_is_cancelled_with_the_resume(rolled_back):
    assert rolled_back.resumed["counts_anew"]
    assert rolled_back.resumed["messages"] == {"cancel": TIMES}
    with Journal.open(rolled_back.installation.project.journal) as journal:
        assert journal.message_counts() == {"cancelled": TIMES}


def test_the_time_line_tells_the_story(rolled_back):
    acts = [one for one in rolled_back.told if one["kind"] in ("release", "switch")]
    assert [(one["what"], one["by"]) for one in acts] == [
        ("activate", "test"),
        ("activate", "sam"),
        ("stop", "limits"),
        ("withdraw", "kim"),
        ("resume", "kim"),
    ]
    _, harmful, stop, withdrawn, _ = acts
    assert json.loads(harmful["changes"]) == {
        "cards": {"changed": ["quote_stalled"]},
        "policies": {"changed": ["actions"]},
    }
    assert stop["reason"] == f"person_per_day: {TIMES} messages, at most 6"
    assert withdrawn["changes"] == harmful["changes"]
    decided = [one for one in rolled_back.told if one["kind"] == "decision"]
    sent = [one for one in decided if one["what"] == "send"]
    assert {one["release_id"] for one in sent} == {harmful["release_id"]}
    assert len(sent) == TIMES
    messages = [one for one in rolled_back.told if one["kind"] == "message"]
    ends = [one for one in messages if one["what"] == "cancelled"]
    assert len(ends) == TIMES
    assert {one["by"] for one in ends} == {"kim"}


def test_the_ledgers_are_as_they_were_sealed(rolled_back):
    assert rolled_back.verified["findings"] == []
    assert rolled_back.verified["rows"]["decisions"] >= TIMES
