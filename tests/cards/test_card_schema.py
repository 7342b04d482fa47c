"""The JSON Schema for editors."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from baton.cards import check_project, json_schema, write_json_schema

ROOT = Path(__file__).parents[2]
CARDS = sorted((ROOT / "dbt_project/models/journeys/cards").glob("*.sql"))


def card(path: Path) -> dict[str, Any]:
    body = path.read_text().partition("%}")[2].rpartition("{%")[0]
    return yaml.safe_load(body)


def test_the_schema_in_the_docs_is_the_current_one(tmp_path: Path) -> None:
    written = write_json_schema(tmp_path)
    in_docs = ROOT / written.relative_to(tmp_path)
    mend = "write it with baton.cards.write_json_schema"
    assert in_docs.read_text() == written.read_text(), mend


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_the_cards_of_the_project_fit_the_schema(path: Path) -> None:
    jsonschema.validate(card(path), json_schema())


def test_the_project_passes_its_own_check() -> None:
    assert len(CARDS) >= 2
    assert check_project(ROOT / "dbt_project") == []


def test_the_schema_takes_every_key() -> None:
    entry = {"to": "a", "enters": "g", "why": "joined"}
    way = {"from": "a", "split": {"b": 50, "c": 50}, "after": "1 day", "at": "09:00"}
    done = {"days": ["mon"], "do": {"b": "x"}, "on_block": "wait", "owner": "o", "within": "1 day"}
    end = {"from": "any", "to": "d", "leaves": "g", "kind": "exit", "why": "left"}
    needs = [{"signal": "s", "fresh_within": "1 day"}, {"guard": "g"}, {"field": "f"}]
    steps = [entry, {**way, **done, "why": "trial"}, end]
    raci = {"responsible": ["s"], "accountable": "s", "consulted": "s", "informed": ["s", "t"]}
    governed = {"approvers": ["s"], "raci": raci, "review_every": "1 day", "needs": needs}
    more = {"timezone": "Europe/Berlin", "migrate": "in_flight", "steps": steps, **governed}
    jsonschema.validate({**card(CARDS[0]), **more}, json_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"horizon": "30 moons"},
        {"split": {"a": 50}},
        {"key": None},
        {"steps": []},
        {"steps": [{"to": "a", "why": "no cause"}]},
        {"steps": [{"to": "a", "when": "s", "after": "1 day", "from": "b", "why": "two causes"}]},
        {"steps": [{"to": "a", "after": "1 day", "why": "an entry by timer"}]},
        {"steps": [{"to": "a", "when": "s", "if": [], "why": "no guard"}]},
        {"migrate": "always"},
        {"steps": [{"when": "s", "why": "no target"}]},
        {"steps": [{"to": "a", "split": {"b": 50, "c": 50}, "when": "s", "why": "both"}]},
        {"steps": [{"split": {"b": 100}, "when": "s", "why": "one target"}]},
        {"steps": [{"split": {"b": 0, "c": 100}, "when": "s", "why": "no share"}]},
        {"steps": [{"to": "a", "at": "09:00", "why": "an entry by time"}]},
        {"steps": [{"to": "a", "from": "b", "when": "s", "at": "09:00", "why": "two causes"}]},
        {"steps": [{"to": "a", "from": "b", "at": "9 am", "why": "no time"}]},
        {"steps": [{"to": "a", "from": "b", "at": "09:00", "days": ["may"], "why": "no day"}]},
        {"steps": [{"to": "a", "from": "b", "after": "1 day", "days": "mon", "why": "no at"}]},
        {"steps": [{"to": "a", "when": "s", "on_block": "exit", "why": "no do"}]},
        {"steps": [{"to": "a", "when": "s", "do": {}, "why": "no action"}]},
        {"steps": [{"to": "a", "from": "b", "when": "s", "kind": "goal", "do": "x", "why": "w"}]},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**card(CARDS[0]), **change}, json_schema())
