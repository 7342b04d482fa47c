"""Receipts of Twilio: status callbacks, and STOP, START and HELP as people write them.

A request is signed by HMAC-SHA1 under the auth token, over its URL and its form sorted by name.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from activation.destinations.receiver import Call, Read, Receiver, Report, Status, short_text
from activation.destinations.texting import E164
from activation.destinations.twilio.settings import TwilioSettings

_PORTS = {"https": 443, "http": 80}
_MOST_FIELDS = 200
_WORDS: Mapping[str, Status | None] = {
    **dict.fromkeys(
        ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"], "stopped"
    ),
    **dict.fromkeys(["START", "YES", "UNSTOP"], "started"),
    **dict.fromkeys(["HELP", "INFO"]),
}
_NO_SUCH_NUMBER = frozenset({"21211", "21614", "30005", "30006"})
_HAS_OPTED_OUT = "21610"


def is_genuine(call: Call, settings: TwilioSettings) -> bool:
    """Whether the signature is of this URL, with or without its port, and of this form."""
    form = _form(call)
    if settings.auth_token is None or form is None:
        return False
    key = settings.auth_token.get_secret_value().encode()
    given = call.headers.get("x-twilio-signature", "").encode()
    signed = [_signature(key, url, form) for url in _spellings(urlsplit(call.url))]
    return any(hmac.compare_digest(given, one) for one in signed)


def read(call: Call, settings: TwilioSettings) -> Read:
    """A status of a message of ours, or a word that a person sent."""
    del settings
    form = dict(_form(call) or [])
    sid = short_text(form.get("MessageSid") or form.get("SmsSid"))
    if sid is None:
        return Read(bad=[form])
    return _status(call, sid, form) if "MessageStatus" in form else _word(call, sid, form)


def _status(call: Call, sid: str, form: Mapping[str, str]) -> Read:
    told = form["MessageStatus"]
    status, code = _meaning(told, form.get("ErrorCode", ""))
    if status is None:
        return Read(ignored=1)
    channel, number = _address(form.get("To", ""))
    if number is None:
        return Read(bad=[form])
    ids = parse_qs(urlsplit(call.url).query).get("message_id", [])
    message_id = short_text(ids[0]) if len(ids) == 1 else None
    reason = f"twilio {told} {code}".strip()
    return Read(
        [Report(f"{sid}:{told}", status, call.received_at, channel, number, message_id, reason)]
    )


def _meaning(told: str, code: str) -> tuple[Status | None, str]:
    code = code if code.isdecimal() else ""
    match told:
        case "delivered":
            return "delivered", ""
        case "read":
            return "opened", ""
        case "undelivered" | "failed":
            if code == _HAS_OPTED_OUT:
                return "stopped", code
            return ("bounced" if code in _NO_SUCH_NUMBER else "failed"), code
        case _:
            return None, ""


def _word(call: Call, sid: str, form: Mapping[str, str]) -> Read:
    word = form.get("OptOutType") or form.get("Body", "")
    status = _WORDS.get(word.strip().upper())
    if status is None:
        return Read(ignored=1)
    channel, number = _address(form.get("From", ""))
    if number is None:
        return Read(bad=[form])
    return Read([Report(sid, status, call.received_at, channel, number, reason="twilio inbound")])


def _address(text: str) -> tuple[str, str | None]:
    prefix, _, rest = text.rpartition(":")
    channel = "whatsapp" if prefix == "whatsapp" else "sms"
    return channel, rest if E164.fullmatch(rest) else None


def _form(call: Call) -> list[tuple[str, str]] | None:
    try:
        text = call.content.decode()
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None


def _signature(key: bytes, url: str, form: Sequence[tuple[str, str]]) -> bytes:
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(form)))
    return b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest())


def _spellings(url: SplitResult) -> list[str]:
    """The URL without and with its port: Twilio has signed either."""
    port = url.port or _PORTS.get(url.scheme, 443)
    host = url.netloc.rpartition("@")[2].removesuffix(f":{port}")
    return [url._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}")]


def _is_on(settings: TwilioSettings) -> bool:
    return settings.public_url is not None


def _public_url(settings: TwilioSettings) -> str | None:
    return str(settings.public_url) if settings.public_url else None


RECEIVER = Receiver(
    _is_on, is_genuine, read, _public_url, thanks=("text/xml", "<Response></Response>")
)
