"""Access tokens by client credentials, from a loopback server."""

import asyncio
import base64

import pytest
from http_tool import Tool, change, destination
from loopback import NOON

from activation.transports import open_transports


class Provider:
    """Gives tokens t1, t2, …, and takes the last one alone."""

    def __init__(self, expires_in=3600):
        self.given = 0
        self.expires_in = expires_in
        self.refusal = None
        self.rows = []

    def __call__(self, asked):
        if asked.path.endswith("/token"):
            self.form, self.basic = asked.text, asked.headers["authorization"]
            if self.refusal:
                return self.refusal
            self.given += 1
            return 200, {"access_token": f"t{self.given}", "expires_in": self.expires_in}
        if asked.headers["authorization"] != f"Bearer t{self.given}":
            return 401
        self.rows.append(asked.json)
        return 201


def told(provider, tmp_path, rows=1, between=lambda: None):
    """The verdicts of rows told one after the other, over the same connections."""
    with Tool(provider) as server:
        url = f"http://127.0.0.1:{server.port}/token"
        auth = {"type": "client_credentials", "token_url": url, "client_id": "baton"}
        auth |= {"client_secret": "${TOOL_TOKEN}", "scope": "write"}
        form = {"request": {"url": "/rows", "json": "{{ fields }}"}}
        tool = destination(tmp_path, server.port, profiles=form, auth=auth)
        call = tool.call("profiles")
        assert "s3cret" not in repr(call.build([change()], tool.settings, NOON))

        async def carry():
            async with open_transports() as transports:
                for number in range(rows):
                    batch = [change(number)]
                    request = call.build(batch, tool.settings, NOON)
                    response = (await transports.exchange(request)).response
                    yield call.verdicts(response, batch)[0]
                    between()

        async def all_of_them():
            return [verdict async for verdict in carry()]

        return asyncio.run(all_of_them())


def test_one_token_serves_many_requests(tmp_path):
    provider = Provider()
    assert [one.outcome for one in told(provider, tmp_path, 3)] == ["accepted"] * 3
    assert provider.given == 1
    assert provider.form == "grant_type=client_credentials&scope=write"
    assert base64.b64decode(provider.basic.removeprefix("Basic ")) == b"baton:s3cret-token"


def test_a_token_that_ran_out_is_replaced(tmp_path):
    provider = Provider(expires_in=1)
    assert [one.outcome for one in told(provider, tmp_path, 2)] == ["accepted"] * 2
    assert provider.given == 2


def test_a_token_that_is_not_taken_is_replaced_at_the_next_try(tmp_path):
    provider = Provider()

    def revoke_after_the_first():
        if len(provider.rows) == 1 and provider.given == 1:
            provider.given = 7

    verdicts = told(provider, tmp_path, 3, revoke_after_the_first)
    assert [(one.outcome, one.reason) for one in verdicts] == [
        ("accepted", "http 201"),
        ("not_sent", "token_not_taken"),
        ("accepted", "http 201"),
    ]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (401, "token http 401"),
        ((200, "<html>"), "token unreadable"),
        ((200, []), "token unreadable"),
        ("reset", "token ServerDisconnectedError"),
    ],
)
def test_without_a_token_nothing_is_sent(tmp_path, refusal, reason):
    provider = Provider()
    provider.refusal = refusal
    (verdict,) = told(provider, tmp_path)
    assert (verdict.outcome, verdict.reason, provider.rows) == ("not_sent", reason, [])
