"""The kinds of destination, by the `type` that destinations.yml names."""

from activation.destinations import file_drop, sendgrid, slack, smtp, twilio, webhook
from activation.destinations.kind import Call, Calls, Kind, Purpose, fixed

KINDS: dict[str, Kind] = {
    "smtp": smtp.KIND,
    "sendgrid": sendgrid.KIND,
    "slack": slack.KIND,
    "twilio": twilio.KIND,
    "webhook": webhook.KIND,
    "file": file_drop.KIND,
}

__all__ = ["KINDS", "Call", "Calls", "Kind", "Purpose", "fixed"]
