"""The kinds of destination, by the `type` that destinations.yml names."""

from activation.destinations import file_drop, http, smtp, webhook
from activation.destinations.kind import Call, Calls, Kind, Purpose, fixed

KINDS: dict[str, Kind] = {
    "smtp": smtp.KIND,
    "webhook": webhook.KIND,
    "file": file_drop.KIND,
    "http": http.KIND,
}

__all__ = ["KINDS", "Call", "Calls", "Kind", "Purpose", "fixed"]
