"""Sending: from the journal to the tools."""

from activation.config import DestinationsConfig
from activation.report import SendReport
from activation.sender import send
from activation.workers import send_by_workers

__all__ = ["DestinationsConfig", "SendReport", "send", "send_by_workers"]
