"""Errors by what the caller should do.

BatonError
├── UsageError      wrong call, card or configuration: mend and call again (exit 2)
├── CheckFailed     a check found something (exit 1)
├── Busy            locked or held by another process: try again later (exit 4)
└── Refused         a rule says no: approval, breaker, stale report (exit 5)
"""


class BatonError(Exception):
    """What happened, where, and the mend, in one message without personal data."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        parts = [what, f"  where: {where}" if where else "", f"  mend:  {mend}" if mend else ""]
        super().__init__("\n".join(part for part in parts if part))


class UsageError(BatonError):
    """The call, a card or the configuration is wrong."""

    exit_code = 2


class CheckFailed(BatonError):  # noqa: N818
    """A check found something."""

    exit_code = 1


class Busy(BatonError):  # noqa: N818  # reads as the state it reports
    """Another process holds what is needed."""

    exit_code = 4


class Refused(BatonError):  # noqa: N818
    """A rule refuses the action."""

    exit_code = 5
