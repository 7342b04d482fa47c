"""Mail by SMTP (RFC 5321): one recipient a transaction, Message-ID is the message id (class X)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from activation.destinations.kind import Kind, fixed
from activation.destinations.mailing import MailSettings, recipient_of
from activation.destinations.mime import mail_of
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
    same_for_all,
)

FACTS = Facts(
    auth="TLS, login",
    batch=1,
    limit=Limit(rate=50, per_seconds=1, concurrency=4),
    retry_class="X",
    source="RFC 5321, RFC 3463, RFC 8058; the rate is ours: ask the server's owner",
)
_UNKNOWN_MAILBOX = frozenset({550, 551, 553})
_NOT_LOGGED_IN = frozenset({530, 535})
_PERMANENT = 500
_COMPLETED = range(200, 300)


class SmtpSettings(MailSettings):
    """A submission server."""

    type: Literal["smtp"]
    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None

    def server(self) -> MailServer:
        """Where to connect."""
        password = self.password.get_secret_value() if self.password else None
        seconds = self.timeout_seconds
        return MailServer(self.host, self.port, self.tls, self.username, password, seconds)


def build(batch: Sequence[Outgoing], settings: SmtpSettings, at: datetime) -> MailRequest:
    """The mail of one message. Raises Unsendable for an address or part it cannot carry."""
    (item,) = batch
    sender = settings.brand(item).sender
    return MailRequest(settings.server(), sender, recipient_of(item), mail_of(item, settings, at))


def verdicts(response: MailAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx after DATA accepted, 4xx not sent, an unknown mailbox bounced, other 5xx rejected.

    5xx at MAIL, and 530 or 535 at any stage, speak of sender or login: throttled and disable.
    Reasons carry codes only: servers repeat the address in their texts.
    """
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    reason = f"smtp {response.stage} {response.code} {response.enhanced}".strip()
    if _is_about_us(response):
        return same_for_all(batch, "throttled", reason, disable=True)
    return same_for_all(batch, _outcome(response), reason)


def _outcome(answer: MailAnswer) -> Outcome:
    if answer.code in _COMPLETED:
        return "accepted"
    if answer.code < _PERMANENT:
        return "not_sent"
    return "bounced" if _is_unknown_mailbox(answer) else "rejected"


def _is_about_us(answer: MailAnswer) -> bool:
    is_permanent = answer.code >= _PERMANENT
    return is_permanent and (answer.stage == "mail" or answer.code in _NOT_LOGGED_IN)


def _is_unknown_mailbox(answer: MailAnswer) -> bool:
    if answer.enhanced:
        return answer.enhanced.startswith("5.1.")
    return answer.stage == "rcpt" and answer.code in _UNKNOWN_MAILBOX


KIND = Kind(SmtpSettings, fixed({"messages": Call(FACTS, build, verdicts)}))
