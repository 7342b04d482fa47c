"""Answers of AWS: a code says whether a request was too early, wrongly set up, or refused."""

from collections.abc import Sequence

from activation.destinations.json_api import of_whole
from activation.exchange import Failure, HttpAnswer, ItemVerdict, Outgoing, same_for_all

_TOO_EARLY = frozenset(
    {
        "TooManyRequests",
        "LimitExceeded",
        "Throttling",
        "Throttled",
        "RequestLimitExceeded",
        "KMSThrottling",
    }
)
_OUR_SETTINGS = frozenset(
    {
        "AccountSuspended",
        "AccountSendingPaused",
        "SendingPaused",
        "MailFromDomainNotVerified",
        "ConfigurationSetDoesNotExist",
        "NotFound",
        "AccessDenied",
        "ExpiredToken",
        "IncompleteSignature",
        "RequestExpired",
        "UnknownOperation",
    }
)
_SUCCESS = range(200, 300)
_SERVER_ERRORS = 500


def judged(
    response: HttpAnswer | Failure,
    batch: Sequence[Outgoing],
    code: str,
    service: str,
    *,
    is_about_us: bool = False,
) -> list[ItemVerdict] | None:
    """Verdicts on anything but a success, for which it is null. `code` is without `Exception`.

    Throttling is a 400 here and was not processed; what speaks of account, keys or identities asks
    to be switched off, as nothing can work and nothing is lost.
    """
    whole = of_whole(response, batch)
    if whole is None or isinstance(response, Failure) or response.status >= _SERVER_ERRORS:
        return whole
    reason = f"{service} {code}" if code else whole[0].reason
    if code in _TOO_EARLY:
        return same_for_all(batch, "throttled", reason, retry_after=whole[0].retry_after)
    if code in _OUR_SETTINGS or is_about_us:
        return same_for_all(batch, "throttled", reason, disable=True)
    return [
        ItemVerdict(one.item_id, one.outcome, reason, one.retry_after, one.disable) for one in whole
    ]


def without_suffix(code: str) -> str:
    """A code as both kinds of AWS protocol name it."""
    return code.removesuffix("Exception")
