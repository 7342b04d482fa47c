"""An account at Twilio: who sends, how requests are signed, and where receipts go."""

from base64 import b64encode
from typing import Literal, Self
from urllib.parse import quote, urlencode

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from activation.destinations.json_api import ServiceUrl, address
from activation.destinations.settings import Settings
from activation.exchange import Outgoing


class Sender(BaseModel):
    """What a brand sends from: a number (or name) of the account, or a messaging service."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: str | None = None
    messaging_service: str | None = Field(default=None, pattern="^MG[0-9a-fA-F]{32}$")

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.number is None) == (self.messaging_service is None):
            raise ValueError("needs a number or a messaging_service, not both")
        return self

    def fields(self) -> dict[str, str]:
        """The same as the API names it."""
        if self.messaging_service is not None:
            return {"MessagingServiceSid": self.messaging_service}
        return {"From": str(self.number)}


class TwilioSettings(Settings):
    """An account. `brands` needs `default`, used for brands that are not named.

    Requests are signed with the API key if there is one, else with the auth token. With
    `public_url`, where `baton serve` can be reached, receipts are asked for.
    """

    type: Literal["twilio"]
    url: ServiceUrl = HttpUrl("https://api.twilio.com")
    account_sid: str = Field(pattern="^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr | None = None
    api_key: str | None = Field(default=None, pattern="^SK[0-9a-fA-F]{32}$")
    api_secret: SecretStr | None = None
    public_url: ServiceUrl | None = None
    brands: dict[str, Sender]

    @field_validator("brands")
    @classmethod
    def _has_default(cls, brands: dict[str, Sender]) -> dict[str, Sender]:
        if "default" not in brands:
            raise ValueError("needs a brand named default")
        return brands

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("api_key and api_secret belong together")
        if self.api_key is None and self.auth_token is None:
            raise ValueError("needs auth_token, or api_key and api_secret")
        if self.public_url is not None and self.auth_token is None:
            raise ValueError("public_url needs auth_token, which signs receipts")
        return self

    def login(self) -> str:
        """The value of the header Authorization."""
        name, secret = (
            (self.api_key, self.api_secret) if self.api_key else (self.account_sid, self.auth_token)
        )
        pair = f"{name}:{secret.get_secret_value() if secret else ''}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def callback(self, item: Outgoing) -> str | None:
        """Where receipts of a message are to go, null without `public_url`."""
        if self.public_url is None:
            return None
        message = item.message
        query = urlencode({"message_id": message.message_id})
        return address(self.public_url, f"/receipts/{quote(message.destination)}?{query}")
