"""Access tokens by client credentials, from a loopback server."""

import asyncio
from urllib.parse import parse_qs

from http_tool import Tool, change, destination
from loopback import NOON

from activation.transports import open_transports


class Provider:
    """Gives tokens t1, t2, …, and takes the last one alone."""

    def __init__(self):
        self.given = 0
        self.refusal = None
        self.rows = []

    def __call__(self, asked):
        if asked.path.endswith("/token"):
            self.form = asked.text
            if self.refusal:
                return self.refusal
            self.given += 1
            return 200, {"access_token": f"t{self.given}", "expires_in": 3600}
        if asked.headers["authorization"] != f"Bearer t{self.given}":
            return 401
        self.rows.append(asked.json)
        return 201


def told(provider, tmp_path, rows=1):
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

        async def all_of_them():
            return [verdict async for verdict in carry()]

        return asyncio.run(all_of_them())


def test_one_token_serves_many_requests(tmp_path):
    provider = Provider()
    assert [one.outcome for one in told(provider, tmp_path, 3)] == ["accepted"] * 3
    assert provider.given == 1
    assert parse_qs(provider.form)["scope"] == ["write"]


def test_without_a_token_nothing_is_sent(tmp_path):
    provider = Provider()
    provider.refusal = 503
    (verdict,) = told(provider, tmp_path)
    assert (verdict.outcome, provider.rows) == ("not_sent", [])
