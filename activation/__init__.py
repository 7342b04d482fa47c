"""Sending: from the journal to the tools."""

from activation.config import DestinationsConfig
from activation.report import SendReport
from activation.sender import send

__all__ = ["DestinationsConfig", "SendReport", "send"]
