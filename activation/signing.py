"""AWS Signature Version 4, by botocore's signer: put on at the edge, as it holds for minutes."""

# pyright: reportUnknownParameterType=false
# botocore brings no types; it is an extra, so it is imported where it is needed.

from dataclasses import replace
from importlib import import_module

from yarl import URL

from activation.exchange import AwsKeys, HttpRequest


def check_signer() -> None:
    """Load the signer. Raises ValueError where it is not installed."""
    try:
        import_module("botocore.auth")
    except ImportError:
        raise ValueError("needs botocore, which signs requests: install the extra `aws`") from None


def signed(request: HttpRequest, keys: AwsKeys) -> HttpRequest:
    """The same request as it will leave, signed now; headers that it has are signed too."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    url = str(URL(request.url))
    credentials = Credentials(keys.access_key, keys.secret_key, keys.session_token)
    bare = AWSRequest(request.method, url, dict(request.headers), request.content)
    SigV4Auth(credentials, keys.service, keys.region).add_auth(bare)
    headers = {str(name).lower(): str(value) for name, value in bare.headers.items()}
    return replace(request, url=url, headers=headers, grant=None)
