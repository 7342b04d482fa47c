"""Amazon: mails by SES and text messages by SNS (X): neither knows a key against repetition."""

from activation.destinations.amazon import mails, receipts, texts
from activation.destinations.amazon.settings import SesSettings, SnsSettings
from activation.destinations.kind import Kind, fixed

SES = Kind(SesSettings, fixed({"messages": mails.CALL}), receipts.RECEIVER)
SNS = Kind(SnsSettings, fixed({"messages": texts.CALL}))

__all__ = ["SES", "SNS"]
