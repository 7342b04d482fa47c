"""Mail by SMTP (RFC 5321): one recipient a transaction, Message-ID is the message id (class X)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from activation.destinations.kind import Kind, fixed
from activation.destinations.settings import Settings
from activation.exchange import (
    Call,
    Facts,
    Failure,
    ItemVerdict,
    Limit,
    MailAnswer,
    MailRequest,
    MailServer,
    Outcome,
    Outgoing,
    Unsendable,
    same_for_all,
)
from activation.preferences import COMMERCIAL, Preferences
from baton.links import LinkKeys

FACTS = Facts(
    auth="TLS, login",
    batch=1,
    limit=Limit(rate=50, per_seconds=1, concurrency=4),
    retry_class="X",
    source="RFC 5321, RFC 3463, RFC 8058; the rate is ours: ask the server's owner",
)
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+")
_LOCAL = frozenset({"localhost"})
_UNKNOWN_MAILBOX = frozenset({550, 551, 553})
_PERMANENT = 500
_COMPLETED = range(200, 300)


class _MailPolicy(EmailPolicy):
    """Folds lists of URIs between them alone: a long one would become an encoded word."""

    def fold(self, name: str, value: str) -> str:
        return self._whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        whole = self._whole(name, value)
        return whole.encode("ascii") if whole else super().fold_binary(name, value)

    def _whole(self, name: str, value: str) -> str | None:
        if name.lower() != "list-unsubscribe":
            return None
        uris = f",{self.linesep} ".join(str(value).split(", "))
        return f"{name}: {uris}{self.linesep}"


_POLICY = _MailPolicy(linesep="\r\n")


class Brand(BaseModel):
    """How a brand sends: its domain stands in Message-ID, `sender` in From."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    domain: str
    sender: str
    name: str


class SmtpSettings(Settings):
    """A submission server. `brands` needs `default`, used for brands that are not named.

    With `public_url`, where `baton serve` can be reached, and `link_key` mails carry a link to
    the preference page; `unsubscribe_mailto` adds a second way to the header.
    """

    type: Literal["smtp"]
    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    public_url: HttpUrl | None = None
    link_key: SecretStr | None = None
    unsubscribe_mailto: str | None = None
    brands: dict[str, Brand]

    @field_validator("brands")
    @classmethod
    def _has_default(cls, brands: dict[str, Brand]) -> dict[str, Brand]:
        if "default" not in brands:
            raise ValueError("needs a brand named default")
        return brands

    @model_validator(mode="after")
    def _links_can_be_made(self) -> Self:
        if self.public_url is None:
            return self
        if self.link_key is None:
            raise ValueError("public_url needs link_key: set BATON_LINK_KEY")
        if self.public_url.scheme != "https" and not _is_loopback(self.public_url.host):
            raise ValueError("public_url must be https, as one-click unsubscribing needs it")
        LinkKeys.parse(self.link_key.get_secret_value())
        return self

    @field_validator("unsubscribe_mailto")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None and not (_ADDRESS.fullmatch(address) and address.isascii()):
            raise ValueError("unsubscribe_mailto must be an e-mail address")
        return address

    def preferences(self) -> Preferences | None:
        """How mails link to the preference page; null without `public_url`."""
        if self.public_url is None or self.link_key is None:
            return None
        keys = LinkKeys.parse(self.link_key.get_secret_value())
        return Preferences(str(self.public_url), keys)

    @property
    def needs_preferences(self) -> bool:
        """Mailbox providers expect one-click unsubscribing in commercial mail."""
        return True

    def server(self) -> MailServer:
        """Where to connect."""
        password = self.password.get_secret_value() if self.password else None
        seconds = self.timeout_seconds
        return MailServer(self.host, self.port, self.tls, self.username, password, seconds)


def build(batch: Sequence[Outgoing], settings: SmtpSettings, at: datetime) -> MailRequest:
    """The mail of one message. Raises Unsendable for an address or part it cannot carry."""
    (item,) = batch
    brand = settings.brands.get(item.message.brand, settings.brands["default"])
    recipient = _recipient(item)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(brand.name, addr_spec=brand.sender)
    mail["To"] = recipient
    mail["Subject"] = _part(item, "subject")
    mail["Date"] = format_datetime(at.replace(tzinfo=UTC))
    mail["Message-ID"] = f"<{item.message.message_id}@{brand.domain}>"
    _add_unsubscribe(mail, item, settings)
    _add_body(mail, item)
    return MailRequest(settings.server(), brand.sender, recipient, mail.as_bytes())


def verdicts(response: MailAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx after DATA accepted, 4xx not sent, an unknown mailbox bounced, other 5xx rejected.

    Reasons carry codes only: servers repeat the address in their texts.
    """
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    reason = f"smtp {response.stage} {response.code} {response.enhanced}".strip()
    return same_for_all(batch, _outcome(response), reason)


def _outcome(answer: MailAnswer) -> Outcome:
    if answer.code in _COMPLETED:
        return "accepted"
    if answer.code < _PERMANENT:
        return "not_sent"
    return "bounced" if _is_unknown_mailbox(answer) else "rejected"


def _is_unknown_mailbox(answer: MailAnswer) -> bool:
    if answer.stage == "mail":
        return False
    if answer.enhanced:
        return answer.enhanced.startswith("5.1.")
    return answer.stage == "rcpt" and answer.code in _UNKNOWN_MAILBOX


def _recipient(item: Outgoing) -> str:
    address = item.message.address or ""
    if not _ADDRESS.fullmatch(address):
        raise Unsendable("address_not_usable")
    if not address.isascii():
        raise Unsendable("address_needs_smtputf8")
    return address


def _part(item: Outgoing, name: str) -> str:
    if name not in item.parts:
        raise Unsendable(f"template_has_no {name}")
    return item.parts[name]


def _add_unsubscribe(mail: EmailMessage, item: Outgoing, settings: SmtpSettings) -> None:
    """RFC 8058: one https URI first, and the header that allows one click."""
    if item.link is None or item.message.message_class not in COMMERCIAL:
        return
    ways = [f"<{item.link}>"]
    if settings.unsubscribe_mailto:
        subject = f"unsubscribe%20{item.message.message_id}"
        ways.append(f"<mailto:{settings.unsubscribe_mailto}?subject={subject}>")
    mail["List-Unsubscribe"] = ", ".join(ways)
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_body(mail: EmailMessage, item: Outgoing) -> None:
    mail.set_content(_part(item, "text"))
    if "html" in item.parts:
        mail.add_alternative(item.parts["html"], subtype="html")
        mail.set_boundary(f"=_{item.message.message_id}")


def _is_loopback(host: str | None) -> bool:
    if host is None or host in _LOCAL:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


KIND = Kind(SmtpSettings, fixed({"messages": Call(FACTS, build, verdicts)}))
