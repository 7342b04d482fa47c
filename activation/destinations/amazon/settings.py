"""An account at AWS in one region: who sends, and how requests are signed."""

from collections.abc import Mapping
from typing import Literal, Self

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
from activation.destinations.mailing import MailSettings
from activation.destinations.settings import Settings
from activation.exchange import AwsKeys, HttpRequest
from activation.signing import check_signer

_PART = "[a-z0-9-]+"


class AwsSettings(Settings):
    """Credentials of an IAM user that may do nothing but send; `url` is another endpoint."""

    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    access_key: str
    secret_key: SecretStr
    session_token: SecretStr | None = None
    url: ServiceUrl | None = None

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        check_signer()
        return self

    @property
    def domain(self) -> str:
        """The domain of the region's services."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def request(
        self, service: str, host: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> HttpRequest:
        """A POST to a service, to be signed as it leaves."""
        base = self.url or HttpUrl(f"https://{host}.{self.region}.{self.domain}")
        token = self.session_token.get_secret_value() if self.session_token else None
        secret = self.secret_key.get_secret_value()
        keys = AwsKeys(self.access_key, secret, self.region, service, token)
        url = address(base, path)
        return HttpRequest("POST", url, headers, content, self.timeout_seconds, keys)


class SesSettings(AwsSettings, MailSettings):
    """Mails by SES. The senders of the brands must be verified there.

    SES reports to `receipts_topic`, a topic of SNS; `soft_bounce_days` is how long an address
    rests after a bounce that may pass.
    """

    type: Literal["ses"]
    configuration_set: str | None = None
    receipts_topic: str | None = Field(default=None, pattern=rf"^arn:{_PART}:sns:{_PART}:\d+:.+$")
    soft_bounce_days: float = Field(default=3, gt=0)

    @property
    def sns_url(self) -> str:
        """Where SNS of the region is: certificates and confirmations are there, nowhere else."""
        return f"https://sns.{self.region}.{self.domain}"


class TextSender(BaseModel):
    """What a brand's texts come from, where the country lets one choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sender_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,11}$")
    number: str | None = Field(default=None, pattern=r"^\+?\d{5,14}$")


class SnsSettings(AwsSettings):
    """Text messages by SNS. `brands` needs `default`, used for brands that are not named."""

    type: Literal["sns"]
    brands: dict[str, TextSender] = Field(default={"default": TextSender()})

    @field_validator("brands")
    @classmethod
    def _has_default(cls, brands: dict[str, TextSender]) -> dict[str, TextSender]:
        if "default" not in brands:
            raise ValueError("needs a brand named default")
        return brands
