"""Alerts: who of our own people hears, by which destination, that a promise is broken."""

from collections.abc import Iterator, Mapping

from activation.config import Destination, DestinationsConfig
from activation.direct import Own, send_directly
from activation.exchange import Unsendable
from baton.ids import make_id
from baton.promises import Breach

_ACTION = "promise_broken"


def send_alerts(
    breaches: Mapping[str, Breach], config: DestinationsConfig
) -> Iterator[tuple[str, str | None]]:
    """Tell of each breach that is news; yield its key and why it failed, null when it arrived.

    The id of a message follows from the breach: a tool that knows ids takes a second try for the
    same. Raises UsageError when no alerts are declared, or the destination lacks a setting or
    takes no messages.
    """
    alerts = config.require_alerts()
    destination = config.destination(alerts.destination)
    destination.call("messages")
    for key, breach in breaches.items():
        if breach.is_news:
            yield key, _tell(destination, _message(key, breach, alerts.to))


def _tell(destination: Destination, message: Own) -> str | None:
    """Why it did not arrive; of what went wrong on our side only its class: texts hold values."""
    try:
        verdict = send_directly(destination, message)
    except Unsendable as error:
        return error.reason
    except Exception as error:
        return type(error).__name__
    return None if verdict.outcome == "accepted" else verdict.reason or verdict.outcome


def _message(key: str, breach: Breach, to: str | None) -> Own:
    title = "Kept again" if breach.is_over else "A promise is broken"
    since = f"broken since {breach.since:%Y-%m-%d %H:%M:%S} UTC"
    return Own(
        message_id=make_id("alert", key, breach.since.isoformat(), str(breach.is_over)),
        action=_ACTION,
        channel="alert",
        parts={
            "title": title,
            "subject": f"{title}: {key}",
            "text": f"{breach.what}\n{'it was ' if breach.is_over else ''}{since}",
        },
        to=to,
    )
