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
    ],
)
def test_the_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**card(CARDS[0]), **change}, json_schema())
