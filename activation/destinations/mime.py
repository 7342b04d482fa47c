"""The mail of a message (RFC 5322), for whatever carries it."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from activation.destinations.mailing import (
    MailSettings,
    message_id_of,
    part_of,
    recipient_of,
    unsubscribe_headers,
)
from activation.exchange import Outgoing


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


def mail_of(item: Outgoing, settings: MailSettings, at: datetime) -> bytes:
    """The whole mail to the recipient; its Message-ID is the message id, its Date `at` (UTC).

    Raises Unsendable for an address or part that a mail cannot carry.
    """
    brand = settings.brand(item)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(brand.name, addr_spec=brand.sender)
    mail["To"] = recipient_of(item)
    mail["Subject"] = part_of(item, "subject")
    mail["Date"] = format_datetime(at.replace(tzinfo=UTC))
    mail["Message-ID"] = message_id_of(item, brand)
    for name, value in unsubscribe_headers(item, settings).items():
        mail[name] = value
    mail.set_content(part_of(item, "text"))
    if "html" in item.parts:
        mail.add_alternative(item.parts["html"], subtype="html")
        mail.set_boundary(f"=_{item.message.message_id}")
    return mail.as_bytes()
