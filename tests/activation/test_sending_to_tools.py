"""Messages from the journal to tools that keep persons, through the whole sender."""

import pytest
import yaml
from json_tool import SECRET, JsonTool
from loopback import mail, task

from activation import DestinationsConfig, send
from activation.config import DEFAULT_FILE


def reply(got):
    if got.path.endswith("/token"):
        return 200, {"access_token": "t1"}
    if got.path == "/tickets":
        return 200, {"id": "626"}
    if "composite" in got.path:
        return 200, [{"id": "00T1", "success": True, "errors": []}]
    if got.path == "/api/events":
        return 202, None
    return 201, {"message": "success", "dispatch_id": "d-1"}


@pytest.fixture
def tools(tmp_path):
    def at(url):
        common = {"url": url, "timeout_seconds": 2}
        destinations = {
            "braze": {"type": "braze", "api_key": "${KEY}", "campaigns": {"default": "c1"}},
            "klaviyo": {"type": "klaviyo", "api_key": "${KEY}", "metric": "Journey message"},
            "intercom": {"type": "intercom", "token": "${KEY}", "ticket_type": "1234"},
            "salesforce": {
                "type": "salesforce",
                "client_id": "client-1",
                "client_secret": "${KEY}",
                "external_id": "Baton_Id__c",
                "tasks": True,
            },
        }
        file = tmp_path / "destinations.yml"
        content = {
            "templates": str(DEFAULT_FILE.parent / "templates"),
            "destinations": {name: {**one, **common} for name, one in destinations.items()},
        }
        file.write_text(yaml.safe_dump(content), "utf-8")
        return DestinationsConfig.load(file, {"KEY": SECRET})

    return at


@pytest.mark.parametrize(
    ("destination", "make", "path"),
    [
        ("braze", mail, "/campaigns/trigger/send"),
        ("klaviyo", mail, "/api/events"),
        ("intercom", task, "/tickets"),
        ("salesforce", task, "/services/data/v62.0/composite/sobjects"),
    ],
)
def test_messages_arrive_and_are_accepted(journal, tools, destination, make, path):
    messages = [make(number, destination=destination) for number in (1, 2, 3)]
    journal.hand_over(messages, checked_at=journal.now())
    with JsonTool(reply) as tool:
        report = send(journal, tools(tool.url), now=journal.now)
        again = send(journal, tools(tool.url), now=journal.now)
    told = [got for got in tool.got if not got.path.endswith("/token")]
    assert report.by_destination == {destination: {"accepted": 3}}
    assert again.requests == 0
    assert [got.path for got in told] == [path] * 3
    assert len({got.headers["authorization"] for got in told}) == 1


def test_a_wrong_key_stops_the_destination_and_keeps_the_messages(journal, tools):
    messages = [mail(number, destination="braze") for number in range(1, 6)]
    journal.hand_over(messages, checked_at=journal.now())
    with JsonTool((401, {"message": "Invalid API key"})) as tool:
        report = send(journal, tools(tool.url), now=journal.now)
    assert report.halted == {"braze": "switched off: http 401"}
    assert {journal.message(one.message_id)["state"] for one in messages} <= {"retry", "pending"}
