"""Twilio: text messages (X), their receipts, and STOP."""

from activation.destinations.kind import Kind, fixed
from activation.destinations.twilio import messages, receipts
from activation.destinations.twilio.settings import TwilioSettings

KIND = Kind(TwilioSettings, fixed({"messages": messages.CALL}), receipts.RECEIVER)
