"""Requests: compiled once from the settings, rendered for each batch."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from activation.destinations.http import expressions
from activation.destinations.http.auth import (
    Auth,
    AwsSignature,
    Basic,
    Bearer,
    ClientCredentials,
    Header,
)
from activation.destinations.http.expressions import Expression, Values
from activation.destinations.http.settings import HttpSettings, RequestForm
from activation.exchange import AwsKeys, Grant, HttpRequest, Unsendable

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Base:
    """What all requests of a destination share; `headers` has the secrets."""

    url: str
    headers: Mapping[str, str]
    timeout: float
    grant: Grant | AwsKeys | None

    @classmethod
    def of(cls, settings: HttpSettings) -> "Base":
        """The same from the settings."""
        auth = settings.auth
        headers = {"accept": "application/json", **settings.headers, **_auth(auth)}
        url = str(settings.base_url).rstrip("/")
        grant = auth.grant() if isinstance(auth, ClientCredentials | AwsSignature) else None
        return cls(url, _lower(headers), settings.timeout_seconds, grant)


@dataclass(frozen=True)
class Template:
    """A compiled request: `render` raises Unsendable when a value does not fit."""

    method: str
    url: Expression
    headers: Mapping[str, Expression]
    body: Expression | None
    encode: Callable[[Any], bytes]
    content_type: str | None

    @classmethod
    def of(cls, form: RequestForm, key: str) -> "Template":
        """Compile. Raises ValueError with the key of what cannot be read."""
        body, encode, content_type = _body(form, key)
        headers = {
            name.lower(): expressions.text(source, f"{key}.headers.{name}")
            for name, source in form.headers.items()
        }
        url = expressions.url(form.url, f"{key}.url")
        content_type = form.content_type or content_type
        return cls(form.method, url, headers, body, encode, content_type)

    def parts(self) -> list[Expression]:
        """All strings that are rendered."""
        body = self.body.leaves() if self.body else []
        return [self.url, *self.headers.values(), *body]

    def render(self, base: Base, values: Values) -> HttpRequest:
        """The request with these values."""
        own = {"content-type": self.content_type} if self.content_type else {}
        own |= {name: _header(header.render(values)) for name, header in self.headers.items()}
        url = base.url + self.url.render(values)
        content = self.encode(self.body.render(values)) if self.body else b""
        headers = {**base.headers, **own}
        return HttpRequest(self.method, url, headers, content, base.timeout, base.grant)


def _body(
    form: RequestForm, key: str
) -> tuple[Expression | None, Callable[[Any], bytes], str | None]:
    if form.json_body is not None:
        return expressions.structure(form.json_body, f"{key}.json"), _json, "application/json"
    if form.form is not None:
        kind = "application/x-www-form-urlencoded"
        return expressions.structure(form.form, f"{key}.form"), _form, kind
    if form.text is not None:
        return expressions.text(form.text, f"{key}.text"), str.encode, "text/plain; charset=utf-8"
    return None, str.encode, None


def _json(body: Any) -> bytes:
    try:
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str, allow_nan=False)
    except (TypeError, ValueError):
        raise Unsendable("not_json") from None
    return text.encode()


def _form(body: Mapping[str, Any]) -> bytes:
    given = {name: value for name, value in body.items() if value is not None}
    return urlencode(given, doseq=True).encode()


def _header(value: str) -> str:
    if _CONTROL.search(value):
        raise Unsendable("control_character_in header")
    return value


def _auth(auth: Auth) -> dict[str, str]:
    match auth:
        case Bearer(token=token):
            return {"authorization": f"Bearer {token.get_secret_value()}"}
        case Basic(username=username, password=password):
            pair = f"{username}:{password.get_secret_value()}".encode()
            return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
        case Header(name=name, value=value):
            return {name: value.get_secret_value()}
        case _:
            return {}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
