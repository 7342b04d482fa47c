"""What is no longer needed goes away, by a policy, and is counted: `baton tidy`."""

from baton.retention.policy import Retention
from baton.retention.tidying import tidy

__all__ = ["Retention", "tidy"]
