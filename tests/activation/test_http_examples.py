"""What the documentation shows is read as it stands."""

import re
from pathlib import Path

import pytest
import yaml

from activation import DestinationsConfig

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/connect_any_tool.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
SERVERS = sorted((ROOT / "tests/servers").glob("*.yml"))


def loaded(text, tmp_path):
    file = tmp_path / "destinations.yml"
    file.write_text(text, "utf-8")
    names = set(re.findall(r"\$\{([A-Z_]+)", text))
    environment = {name: "https://tool.example" if name.endswith("URL") else "x" for name in names}
    return DestinationsConfig.load(file, environment)


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.split("\n")[1].strip(" :"))
def test_the_examples_of_the_page_are_read_and_compiled(text, tmp_path):
    config = loaded(text, tmp_path)
    for name in config.names():
        assert config.destination(name).calls


@pytest.mark.parametrize("file", SERVERS, ids=lambda file: file.stem)
def test_the_files_that_run_against_real_servers_are_read(file, tmp_path):
    config = loaded(file.read_text("utf-8"), tmp_path)
    assert all(config.destination(name).calls for name in config.names())


def test_the_page_shows_what_runs_against_a_real_server():
    (shown,) = [yaml.safe_load(text) for text in BLOCKS if "party.party" in text]
    run = yaml.safe_load((ROOT / "tests/servers/tryton.yml").read_text("utf-8"))
    assert shown["destinations"]["crm"]["profiles"] == run["destinations"]["crm"]["profiles"]
