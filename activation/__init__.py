"""Sending: from the journal to the tools."""

from activation.config import DestinationsConfig
from activation.lists import drop_lists
from activation.report import SendReport
from activation.sender import send

__all__ = ["DestinationsConfig", "SendReport", "drop_lists", "send"]
