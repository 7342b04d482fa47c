"""How a tool with an HTTP API is convinced of who asks: the key `auth`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from activation.exchange import AwsKeys, Grant
from activation.signing import check_signer


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bearer(_Keys):
    """`Authorization: Bearer …`."""

    type: Literal["bearer"]
    token: SecretStr


class Basic(_Keys):
    """`Authorization: Basic …` (RFC 7617)."""

    type: Literal["basic"]
    username: str
    password: SecretStr


class Header(_Keys):
    """A secret in a header of its own."""

    type: Literal["header"]
    name: str
    value: SecretStr


class ClientCredentials(_Keys):
    """OAuth 2.0: an access token from `token_url`, kept until it runs out (RFC 6749, 4.4)."""

    type: Literal["client_credentials"]
    token_url: HttpUrl
    client_id: str
    client_secret: SecretStr
    scope: str | None = None

    def grant(self) -> Grant:
        """The same as the transport takes it."""
        secret = self.client_secret.get_secret_value()
        return Grant(str(self.token_url), self.client_id, secret, self.scope)


class AwsSignature(_Keys):
    """AWS Signature Version 4: requests to one service in one region, signed as they leave."""

    type: Literal["aws_sigv4"]
    service: str
    region: str
    access_key: str
    secret_key: SecretStr
    session_token: SecretStr | None = None

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        check_signer()
        return self

    def grant(self) -> AwsKeys:
        """The same as the transport takes it."""
        token = self.session_token.get_secret_value() if self.session_token else None
        secret = self.secret_key.get_secret_value()
        return AwsKeys(self.access_key, secret, self.region, self.service, token)


class NoAuth(_Keys):
    """None."""

    type: Literal["none"] = "none"


Auth = Annotated[
    Bearer | Basic | Header | ClientCredentials | AwsSignature | NoAuth,
    Field(discriminator="type"),
]
