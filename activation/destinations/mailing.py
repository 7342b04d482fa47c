"""What destinations that send mail have in common: brands, addresses, one-click unsubscribing."""

import re
from ipaddress import ip_address
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from activation.destinations.settings import Settings
from activation.exchange import Outgoing, Unsendable
from activation.preferences import COMMERCIAL, Preferences
from baton.links import LinkKeys

_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+")
_LOCAL = frozenset({"localhost"})


class Brand(BaseModel):
    """How a brand sends: its domain stands in Message-ID, `sender` in From."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    domain: str
    sender: str
    name: str


class MailSettings(Settings):
    """Senders and links. `brands` needs `default`, used for brands that are not named.

    With `public_url`, where `baton serve` can be reached, and `link_key` mails carry a link to
    the preference page; `unsubscribe_mailto` adds a second way to the header.
    """

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
        if address is not None and not is_address(address):
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

    def brand(self, item: Outgoing) -> Brand:
        """The brand that a message is sent by."""
        return self.brands.get(item.message.brand, self.brands["default"])


def is_address(text: object) -> bool:
    """Whether it is one e-mail address that every server takes: no list, no name, ASCII."""
    return isinstance(text, str) and text.isascii() and bool(_ADDRESS.fullmatch(text))


def recipient_of(item: Outgoing) -> str:
    """The address of a mail. Raises Unsendable for one that could reach someone else or nobody."""
    address = item.message.address or ""
    if not _ADDRESS.fullmatch(address):
        raise Unsendable("address_not_usable")
    if not address.isascii():
        raise Unsendable("address_needs_smtputf8")
    return address


def part_of(item: Outgoing, name: str) -> str:
    """A part of the template. Raises Unsendable when it has none of that name."""
    if name not in item.parts:
        raise Unsendable(f"template_has_no {name}")
    return item.parts[name]


def unsubscribe_headers(item: Outgoing, settings: MailSettings) -> dict[str, str]:
    """RFC 8058, for commercial mail: one https URI first, and the header that allows one click."""
    if item.link is None or item.message.message_class not in COMMERCIAL:
        return {}
    ways = [f"<{item.link}>"]
    if settings.unsubscribe_mailto:
        subject = f"unsubscribe%20{item.message.message_id}"
        ways.append(f"<mailto:{settings.unsubscribe_mailto}?subject={subject}>")
    return {
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id_of(item: Outgoing, brand: Brand) -> str:
    """The Message-ID (RFC 5322): the message at the brand's domain."""
    return f"<{item.message.message_id}@{brand.domain}>"


def _is_loopback(host: str | None) -> bool:
    if host is None or host in _LOCAL:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
