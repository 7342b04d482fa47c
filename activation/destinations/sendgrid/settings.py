"""An account at SendGrid, how it is asked, and what its answers say of a whole batch."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field, HttpUrl, SecretStr, field_validator

from activation.destinations.json_api import (
    ServiceUrl,
    address,
    json_request,
    of_whole,
    seconds_until,
)
from activation.destinations.mailing import MailSettings
from activation.exchange import Failure, HttpAnswer, HttpRequest, ItemVerdict

SOURCE = "published contract 2024-07-09; limits are told by X-RateLimit headers, the rate is ours"


class SendGridSettings(MailSettings):
    """An account or subuser, and an API key that may send, suppress and write contacts.

    `unsubscribe_group` is the group that commercial mails belong to and that opt-outs are written
    to; without one opt-outs are global, which stops transactional mails too. `receipts_key` is
    the verification key of the signed event webhook; `soft_bounce_days` is how long an address
    rests after a block.
    """

    type: Literal["sendgrid"]
    url: ServiceUrl = HttpUrl("https://api.sendgrid.com")
    api_key: SecretStr
    unsubscribe_group: int | None = Field(default=None, gt=0)
    contact_lists: tuple[str, ...] = ()
    receipts_key: str | None = None
    soft_bounce_days: float = Field(default=3, gt=0)

    @field_validator("receipts_key")
    @classmethod
    def _is_a_key(cls, key: str | None) -> str | None:
        if key is not None:
            public_key(key)
        return key


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The key that signs events, from its base64. Raises ValueError when it is none."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("is no verification key of the event webhook") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("is no verification key of the event webhook")
    return key


def request_to(method: str, path: str, body: object, settings: SendGridSettings) -> HttpRequest:
    """A request with the API key; a null body is none."""
    headers = {"authorization": f"Bearer {settings.api_key.get_secret_value()}"}
    return json_request(method, address(settings.url, path), headers, body, settings)


def told_of_all(response: HttpAnswer | Failure, batch: Sequence[Any]) -> list[ItemVerdict] | None:
    """The same as `of_whole`, with the wait that SendGrid tells by its own header."""
    headers = {} if isinstance(response, Failure) else response.headers
    return of_whole(response, batch, wait=seconds_until(headers.get("x-ratelimit-reset")))


def reason_of(response: HttpAnswer | Failure) -> str:
    """The status as a code."""
    return f"http {response.status}" if isinstance(response, HttpAnswer) else response.detail
