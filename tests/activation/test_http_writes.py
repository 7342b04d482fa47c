"""Look-ups before writes, against a tool that keeps what it is told."""

import pytest
from http_tool import Tool, change, destination, load, outgoing
from loopback import MINUTE, NOON, task

from activation import send
from activation.exchange import HttpAnswer

UPSERT = {
    "look_up": [
        {
            "name": "person",
            "request": {"method": "GET", "url": "/people?email={{ fields.email }}"},
            "found": "people.0.id",
        },
        {
            "name": "whole",
            "request": {"method": "GET", "url": "/people/{{ person.id }}"},
            "found": "id",
            "read": {"etag": "header:ETag", "old": "name"},
        },
    ],
    "request": {
        "url": "/people",
        "json": {"email": "{{ fields.email }}", "name": "{{ fields.name }}"},
    },
    "if_found": {
        "method": "PATCH",
        "url": "/people/{{ person.id }}",
        "headers": {"If-Match": "{{ whole.etag }}"},
        "json": {"name": "{{ fields.name }}"},
    },
    "remove": {
        "look_up": [
            {
                "name": "person",
                "request": {"method": "GET", "url": "/people?email={{ fields.email }}"},
                "found": "people.0.id",
            }
        ],
        "request": "accept",
        "if_found": {"method": "DELETE", "url": "/people/{{ person.id }}"},
    },
    "answer": {"provider_id": "id", "not_sent": [412]},
    "retry_class": "U",
}


class People:
    """A tool without upsert: it refuses a second person of one address, and blind changes."""

    def __init__(self):
        self.rows = {}
        self.trouble = {}

    def __call__(self, asked):
        path = asked.path.removeprefix("/api/people").strip("/")
        if trouble := self.trouble.get(asked.method):
            return trouble
        if path and int(path) not in self.rows:
            return 404
        return getattr(self, asked.method.lower())(asked, int(path) if path else None)

    def get(self, asked, number):
        if number:
            return 200, {"id": number, **self.rows[number]}, {"ETag": self.etag(number)}
        found = [n for n, row in self.rows.items() if row["email"] == asked.query["email"]]
        return 200, {"people": [{"id": n} for n in found]}

    def post(self, asked, _number):
        if any(row["email"] == asked.json["email"] for row in self.rows.values()):
            return 409
        number = len(self.rows) + 1
        self.rows[number] = asked.json
        return 201, {"id": number}

    def patch(self, asked, number):
        if asked.headers.get("if-match") != self.etag(number):
            return 412
        self.rows[number] |= asked.json
        return 200, {"id": number}

    def delete(self, _asked, number):
        del self.rows[number]
        return 204

    def etag(self, number):
        return f'"{hash(self.rows[number]["name"])}"'


@pytest.fixture
def people():
    return People()


@pytest.fixture
def tell(people, tmp_path):
    """Carry one row, and return its verdict with the methods that were used."""
    with Tool(people) as server:
        tool = destination(tmp_path, server.port, profiles=UPSERT)
        call = tool.call("profiles")

        def carry(row):
            server.asked.clear()
            exchange = server.exchange(call.build([row], tool.settings, NOON))
            (verdict,) = call.verdicts(exchange.response, [row])
            return verdict, [one.method for one in server.asked], exchange

        yield carry


def test_what_is_absent_is_made_and_what_is_found_is_changed_under_its_etag(tell, people):
    made, methods, _ = tell(change(name="Ann", email="a+b@mail.example"))
    assert (made.outcome, made.provider_id, methods) == ("accepted", "1", ["GET", "POST"])
    again, methods, _ = tell(change(name="Anna", email="a+b@mail.example"))
    assert (again.outcome, again.provider_id, methods) == ("accepted", "1", ["GET", "GET", "PATCH"])
    assert people.rows == {1: {"email": "a+b@mail.example", "name": "Anna"}}


def test_a_removal_deletes_what_is_found_and_is_content_when_nothing_is(tell, people):
    tell(change())
    removed, methods, _ = tell(change(op="remove"))
    assert (removed.outcome, methods, people.rows) == ("accepted", ["GET", "DELETE"], {})
    again, methods, _ = tell(change(op="remove"))
    assert (again.outcome, again.reason, methods) == ("accepted", "nothing_to_do", ["GET"])


@pytest.mark.parametrize(
    ("trouble", "outcome", "reason"),
    [
        (503, "not_sent", "look_up http 503"),
        ("reset", "not_sent", "look_up http ServerDisconnectedError"),
        ((200, "<html>"), "not_sent", "look_up unreadable"),
        (429, "throttled", "http 429"),
        (401, "throttled", "http 401"),
    ],
)
def test_trouble_of_a_look_up_writes_nothing_and_is_no_doubt(
    tell, people, trouble, outcome, reason
):
    people.trouble = {"GET": trouble}
    verdict, methods, exchange = tell(change())
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert methods == ["GET"]
    assert exchange.sent_at is None


def test_trouble_of_the_write_itself_is_in_doubt(tell, people):
    people.trouble = {"POST": "reset"}
    verdict, methods, exchange = tell(change())
    assert (verdict.outcome, methods) == ("ambiguous", ["GET", "POST"])
    assert exchange.sent_at is not None


def test_a_change_under_an_old_etag_is_tried_again_and_never_forced(tell, people):
    tell(change())
    people.trouble = {"PATCH": 412}
    verdict, _, _ = tell(change())
    assert (verdict.outcome, verdict.reason) == ("not_sent", "http 412")


def test_a_value_that_does_not_fit_after_a_look_up_is_refused_with_its_key(tell, people):
    tell(change())
    verdict, methods, _ = tell(change(email="ann1@mail.example"))
    assert verdict.outcome == "rejected"
    assert verdict.reason == "template_error profiles.if_found.json.name UndefinedError"
    assert methods == ["GET", "GET"]


HANDOVER = {
    "look_up": [
        {
            "name": "person",
            "request": {"method": "GET", "url": "/people?email={{ person_id }}"},
            "found": "people.0.id",
            "create": {
                "url": "/people",
                "json": {"email": "{{ person_id }}", "name": "?"},
                "id": "id",
            },
        }
    ],
    "request": {"url": "/tickets", "json": {"of": "{{ person.id }}", "key": "{{ item_id }}"}},
}


def test_what_an_item_hangs_on_is_made_first_or_required(tmp_path, people):
    tickets = []

    def react(asked):
        if asked.path.endswith("/tickets"):
            tickets.append(asked.json)
            return 201
        return people(asked)

    with Tool(react) as server:
        tool = destination(tmp_path, server.port, messages=HANDOVER)
        call = tool.call("messages")
        for _ in range(2):
            server.exchange(call.build([outgoing()], tool.settings, NOON))
        assert [one.method for one in server.asked] == ["GET", "POST", "POST", "GET", "POST"]
        people.rows.clear()
        step = {k: v for k, v in HANDOVER["look_up"][0].items() if k != "create"}
        strict = {**HANDOVER, "look_up": [{**step, "required": True}]}
        tool = destination(tmp_path, server.port, messages=strict)
        call = tool.call("messages")
        answer = server.exchange(call.build([outgoing()], tool.settings, NOON)).response
        (verdict,) = call.verdicts(answer, [outgoing()])
    assert tickets == [{"of": 1, "key": "t1"}] * 2
    assert (verdict.outcome, verdict.reason) == ("rejected", "absent person")


TICKET = {
    "look_up": [
        {
            "name": "ticket",
            "request": {"method": "GET", "url": "/tickets?key={{ item_id }}"},
            "found": "0.id",
        }
    ],
    "request": {"url": "/tickets", "json": {"key": "{{ item_id }}", "title": "{{ parts.title }}"}},
    "if_found": "accept",
    "retry_class": "U",
}


def test_a_message_whose_answer_was_lost_is_looked_up_and_not_sent_twice(tmp_path, journal):
    tickets = []

    def react(asked):
        if asked.method == "GET":
            found = [one for one in tickets if one["key"] == asked.query["key"]]
            return 200, [{"id": one["key"]} for one in found]
        tickets.append(asked.json)
        return "reset"

    journal.hand_over([task(destination="tool", message_class="service")], checked_at=NOON)
    with Tool(react) as server:
        configured = load(tmp_path, server.port, messages=TICKET)
        first = send(journal, configured, now=journal.now).states
        journal.set_simulated_time(NOON + 5 * MINUTE)
        second = send(journal, configured, now=journal.now).states
    assert (first, second) == ({"retry": 1}, {"accepted": 1})
    assert tickets == [{"key": "t1", "title": "Call Ann-Sophie about quote Q-17"}]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_a_request_whose_connection_broke_is_not_sent_again_unseen(tmp_path, method):
    form = {"request": {"method": method, "url": "/rooms/1"}}
    with Tool(lambda _asked: "reset") as server:
        tool = destination(tmp_path, server.port, messages=form)
        request = tool.call("messages").build([outgoing()], tool.settings, NOON)
        assert server.exchange(request).response.kind == "ambiguous"
        assert len(server.asked) == 1


def test_a_class_x_message_can_be_asked_for_after_an_attempt_in_doubt(tmp_path):
    reconcile = {
        "request": {"method": "GET", "url": "/sent?key={{ item_id }}&since={{ since }}"},
        "found": "0.id",
    }
    tool = destination(tmp_path, 9, messages={"request": {"url": "/send"}, "reconcile": reconcile})
    ask = tool.call("messages").lookup
    request = ask.build(outgoing(), tool.settings, NOON)
    assert request.url.endswith("/sent?key=t1&since=2026-03-02T12%3A00%3A00Z")
    answers = {b'[{"id": 1}]': True, b"[]": False, b"<": None}
    for content, found in answers.items():
        assert ask.found(HttpAnswer(200, {}, content), outgoing()) is found
    assert ask.found(HttpAnswer(404), outgoing()) is False
    assert ask.found(HttpAnswer(500), outgoing()) is None
