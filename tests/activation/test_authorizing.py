import asyncio
from urllib.parse import parse_qs

import pytest
from json_tool import JsonTool

from activation.exchange import Failure, Grant, HttpAnswer, HttpRequest
from activation.transports import HttpTransport, http_session

SECRET = "client-secret-of-the-tests"


class Gate(JsonTool):
    """Hands out t1, t2, …; those in `refused` are answered with 401."""

    def __init__(self, *token_answers, refused=(), lasts=None):
        super().__init__(self._reply)
        self.token_answers = list(token_answers)
        self.refused = refused
        self.lasts = lasts
        self.tokens = 0

    def _reply(self, got):
        if got.path != "/token":
            token = got.headers["authorization"].removeprefix("Bearer ")
            return 401 if token in self.refused else (200, {"with": token})
        if self.token_answers:
            return self.token_answers.pop(0)
        self.tokens += 1
        lasts = {} if self.lasts is None else {"expires_in": self.lasts}
        return 200, {"access_token": f"t{self.tokens}", **lasts}

    def used(self):
        return [one.headers["authorization"] for one in self.got if one.path != "/token"]

    def ask(self, *, times=1, at_once=False):
        grant = Grant(f"{self.url}/token", "client-1", SECRET)
        request = HttpRequest("POST", f"{self.url}/act", {}, b"{}", 0.5, grant)

        async def work():
            async with http_session() as session:
                transport = HttpTransport(session)
                if at_once:
                    requests = (transport.exchange(request) for _ in range(times))
                    return await asyncio.gather(*requests)
                return [await transport.exchange(request) for _ in range(times)]

        return asyncio.run(work())


def test_a_token_is_fetched_once_with_client_credentials_and_kept():
    with Gate() as gate:
        answers = gate.ask(times=3)
    assert gate.used() == ["Bearer t1"] * 3
    assert all(one.response.status == 200 and one.sent_at for one in answers)
    assert parse_qs(gate.got[0].body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-1"],
        "client_secret": [SECRET],
    }


def test_requests_at_once_fetch_one_token():
    with Gate() as gate:
        gate.ask(times=5, at_once=True)
    assert gate.tokens == 1
    assert gate.used() == ["Bearer t1"] * 5


def test_a_refused_token_is_replaced_once_and_the_request_is_made_again():
    with Gate(refused=("t1",)) as gate:
        first, second = gate.ask(times=2)
    assert gate.used() == ["Bearer t1", "Bearer t2", "Bearer t2"]
    assert [first.response.status, second.response.status] == [200, 200]


def test_a_second_refusal_stands():
    with Gate(refused=("t1", "t2")) as gate:
        (answer,) = gate.ask()
    assert answer.response.status == 401
    assert gate.tokens == 2


def test_a_token_that_ends_soon_is_not_kept():
    with Gate(lasts=30) as gate:
        gate.ask(times=2)
    assert gate.used() == ["Bearer t1", "Bearer t2"]


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        ((400, {"error": "invalid_client"}), HttpAnswer(401)),
        ((503, {}), Failure("not_sent", "token http 503")),
        ((429, {}), Failure("not_sent", "token http 429")),
        ((200, {"no": "token"}), Failure("not_sent", "token http 200")),
        ((200, ["odd"]), Failure("not_sent", "token http 200")),
        ("hang", Failure("not_sent", "token no_answer")),
    ],
)
def test_without_a_token_nothing_leaves(answer, response):
    with Gate(answer) as gate:
        (told,) = gate.ask()
    assert told.response == response
    assert told.sent_at is None
    assert gate.used() == []


def test_the_secret_is_not_shown():
    grant = Grant("https://tool.example/token", "client-1", SECRET)
    assert SECRET not in repr(HttpRequest("GET", "https://tool.example", {}, b"", grant=grant))
