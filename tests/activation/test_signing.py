"""What leaves is signed as it leaves: judged by the receiver, from the bytes that it got."""

import asyncio
import json
from dataclasses import replace
from typing import NamedTuple

import pytest
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from loopback import LoopThread

from activation import DestinationsConfig
from activation.exchange import AwsKeys, Change, HttpRequest
from activation.transports import HttpTransport, http_session
from baton.errors import UsageError

SECRET = "planted-secret"
KEYS = AwsKeys("AKIDEXAMPLE", SECRET, "eu-central-1", "execute-api")


class Receiver(LoopThread):
    """Keeps requests as their bytes came."""

    def __init__(self):
        super().__init__()
        self.got = []

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self):
        await self._runner.cleanup()

    async def _answer(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append(Got(request.method, request.raw_path, headers, await request.read()))
        return web.json_response({})


class Got(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: dict
    body: bytes


def is_signed(got, secret=SECRET):
    """Whether the signature holds for what was got, under a secret."""
    names, given = got.headers["authorization"].split("SignedHeaders=")[1].split(", Signature=")
    headers = {name: got.headers[name] for name in names.split(";")}
    url = f"http://{got.headers['host']}{got.path}"
    request = AWSRequest(got.method, url, headers, got.body)
    request.context["timestamp"] = got.headers["x-amz-date"]
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", secret), "execute-api", "eu-central-1")
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return auth.signature(text, request) == given


def sent(tool, request):
    async def work():
        async with http_session() as session:
            return await HttpTransport(session).exchange(request)

    exchange = asyncio.run(work())
    assert exchange.response.status == 200
    return tool.got[-1]


@pytest.mark.parametrize(
    "path",
    ["/prod/rows", "/prod/rows/ann%40mail.example", "/prod/a%2Fb%20c~/", "/prod?b=2&a=%C3%BC+1"],
)
def test_the_signature_holds_for_the_bytes_that_arrive(path):
    with Receiver() as tool:
        request = HttpRequest(
            "PUT", f"http://{tool.host}{path}", {"x-of-ours": "1"}, b'{"a": "\xc3\xbc"}'
        )
        got = sent(tool, replace(request, grant=KEYS))
        assert is_signed(got)
        assert not is_signed(got, secret="another")
        assert not is_signed(got._replace(body=got.body + b" "))
        assert SECRET not in f"{got}"
        assert "x-of-ours" in got.headers["authorization"]


def test_a_session_token_is_sent_and_signed():
    with Receiver() as tool:
        request = HttpRequest(
            "POST", f"http://{tool.host}/", {}, b"", grant=replace(KEYS, session_token="t")
        )
        got = sent(tool, request)
    assert got.headers["x-amz-security-token"] == "t"
    assert "x-amz-security-token" in got.headers["authorization"]


def destination(url, **auth):
    keys = {"type": "aws_sigv4", "service": "execute-api", "region": "eu-central-1"}
    raw = {
        "type": "http",
        "base_url": url,
        "auth": {**keys, "access_key": "AKIDEXAMPLE", "secret_key": "${AWS_SECRET}", **auth},
        "limit": {"rate": 10, "per_seconds": 1},
        "profiles": {
            "retry_class": "U",
            "request": {"method": "PUT", "url": "/people/{{ item_id }}", "json": "{{ fields }}"},
        },
    }
    return DestinationsConfig(None, 15, {"tool": raw}, {"AWS_SECRET": SECRET}).destination("tool")


def test_a_tool_connected_by_configuration_alone_is_told_by_signed_requests():
    with Receiver() as tool:
        told = destination(f"http://{tool.host}/prod")
        row = Change("ann@mail.example", "upsert", {"name": "Ann"})
        request = told.call("profiles").build([row], told.settings, None)
        got = sent(tool, request)
        assert is_signed(got)
    assert json.loads(got.body) == {"name": "Ann"}
    assert SECRET not in repr((told, request))


def test_keys_that_are_missing_are_told():
    with pytest.raises(UsageError, match=r"auth\.aws_sigv4\.region"):
        destination("https://tool.example", region=None)
