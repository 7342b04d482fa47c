"""The kinds of destination, by the `type` that destinations.yml names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activation.destinations import file_drop, smtp, webhook
from activation.destinations.settings import Settings
from activation.exchange import Facts, ItemVerdict, Outgoing, Request


@dataclass(frozen=True)
class Kind:
    """A destination module: facts, settings, and two pure functions (null: takes no messages).

    `build` and `verdicts` take and return what the kind's transport speaks.
    """

    facts: Facts
    settings: type[Settings]
    build: Callable[[Sequence[Outgoing], Any, datetime], Request] | None = None
    verdicts: Callable[[Any, Sequence[Outgoing]], list[ItemVerdict]] | None = None


KINDS: dict[str, Kind] = {
    "smtp": Kind(smtp.FACTS, smtp.SmtpSettings, smtp.build, smtp.verdicts),
    "webhook": Kind(webhook.FACTS, webhook.WebhookSettings, webhook.build, webhook.verdicts),
    "file": Kind(file_drop.FACTS, file_drop.FileSettings),
}
