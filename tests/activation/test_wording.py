"""What actions say: checked before it is sent, read and tried before a customer reads it."""

import json

import pytest
import yaml
from click.testing import CliRunner
from loopback import MailServer, closed_port, mail_environment

from activation.config import DEFAULT_FILE
from activation.templates import Templates
from activation.wording import faults, preview, wordings
from baton.cli import main
from baton.project import Project

ACTIONS = Project.find().dbt_project / "seeds" / "policies" / "actions.csv"
HEAD = "action,channel,destination,class,template\n"


@pytest.fixture
def shipped():
    return Templates(DEFAULT_FILE.parent / "templates")


@pytest.fixture
def policy(tmp_path):
    """A policy file of one action, in line 2."""

    def write(channel, template):
        file = tmp_path / "actions.csv"
        file.write_text(f"{HEAD}greet,{channel},shop_mail,service,{template}\n")
        return file

    return write


def test_every_shipped_action_has_words_that_fit_it(shipped):
    assert len(wordings(ACTIONS)) > 10
    assert list(faults(ACTIONS, shipped)) == []


@pytest.mark.parametrize(
    ("channel", "template", "told"),
    [
        ("email", "no_such", "does not exist"),
        ("sms", "quote_reminder", "is for email, not for sms"),
        ("crm_task", "sales_call_that_is_mail", "does not exist"),
    ],
)
def test_a_template_that_does_not_fit_is_told_with_line_and_mend(
    shipped, policy, channel, template, told
):
    (found,) = faults(policy(channel, template), shipped)
    assert (found.action, found.line) == ("greet", 2)
    assert told in found.message
    assert found.mend


def test_a_variable_that_no_hand_over_gives_is_told_by_name(tmp_path, policy):
    directory = tmp_path / "templates" / "greeting"
    directory.mkdir(parents=True)
    declared = {"channel": "sms", "variables": {"first_name": {}, "shoe_size": {}}}
    (directory / "template.yml").write_text(yaml.safe_dump(declared))
    (directory / "en.text.j2").write_text("{{ first_name }} {{ shoe_size }}")
    (found,) = faults(policy("sms", "greeting"), Templates(tmp_path / "templates"))
    assert "wants shoe_size, which no hand-over gives" in found.message


def test_a_preview_shows_in_brackets_what_is_not_known(shipped):
    known = {"first_name": "Ada", "brand": "main", "preferences_url": None}
    found = preview(shipped, "quote_reminder", known, brand="main", locale=None)
    assert "Hello Ada" in found.parts["text"]
    assert "[product]" in found.parts["subject"]
    assert found.made_up == ("product", "quote_id", "value")


def test_the_command_previews_an_action_and_names_those_there_are():
    run = CliRunner().invoke(main, ["message", "preview", "email_quote_reminder", "--json"])
    assert run.exit_code == 0
    assert json.loads(run.output)["parts"]["subject"] == "Your quote for [product] is waiting"
    unknown = CliRunner().invoke(main, ["message", "preview", "email_nothing"])
    assert unknown.exit_code == 2


def test_a_trial_reaches_the_address_given_and_says_what_it_is(tmp_path):
    journal = tmp_path / "journal.db"
    with MailServer() as server:
        environment = {**mail_environment(server.port), "BATON_JOURNAL": str(journal)}
        arguments = ["message", "try", "email_quote_reminder", "--to", "me@shop.example", "--json"]
        run = CliRunner().invoke(main, arguments, env=environment)
    assert (run.exit_code, json.loads(run.output)["outcome"]) == (0, "accepted")
    ((recipient, content),) = server.seen.requests
    assert recipient == "me@shop.example"
    assert "Subject: [trial] Your quote" in content
    assert not journal.exists()


def test_a_trial_that_no_server_takes_ends_with_1():
    environment = mail_environment(closed_port())
    arguments = ["message", "try", "email_quote_reminder", "--to", "me@shop.example"]
    assert CliRunner().invoke(main, arguments, env=environment).exit_code == 1
