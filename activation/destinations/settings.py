"""What the settings of all destinations have in common."""

from pydantic import BaseModel, ConfigDict, Field

from activation.exchange import Limit, Window
from activation.preferences import Preferences
from activation.retries import RetryPolicy


class WindowSettings(BaseModel):
    """One further window of an account."""

    model_config = ConfigDict(extra="forbid")
    rate: float = Field(gt=0)
    per_seconds: float = Field(gt=0)


class LimitOverride(BaseModel):
    """What a plan or contract allows, where it differs from the kind's default."""

    model_config = ConfigDict(extra="forbid")
    rate: float | None = Field(default=None, gt=0)
    per_seconds: float | None = Field(default=None, gt=0)
    concurrency: int | None = Field(default=None, ge=1)
    daily: int | None = Field(default=None, ge=1)
    more: list[WindowSettings] | None = None

    def over(self, default: Limit) -> Limit:
        """The default with what is set here."""
        more = default.more
        if self.more is not None:
            more = tuple(Window(one.rate, one.per_seconds) for one in self.more)
        return Limit(
            self.rate or default.rate,
            self.per_seconds or default.per_seconds,
            self.concurrency or default.concurrency,
            self.daily or default.daily,
            more,
        )


class RetrySettings(BaseModel):
    """How often and how long a message is tried again."""

    model_config = ConfigDict(extra="forbid")
    max_tries: int = Field(default=8, ge=1)
    base_seconds: float = Field(default=60, gt=0)
    cap_seconds: float = Field(default=6 * 3600, gt=0)

    def policy(self) -> RetryPolicy:
        """The same as the retry rules take it."""
        return RetryPolicy(self.max_tries, self.base_seconds, self.cap_seconds)


class Settings(BaseModel):
    """Settings of one named destination. Destinations of one `account` share its limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    account: str | None = None
    limit: LimitOverride = LimitOverride()
    retry: RetrySettings = RetrySettings()
    timeout_seconds: float = Field(default=30, gt=0)

    def preferences(self) -> Preferences | None:
        """How messages link to the preference page; null where they do not."""
        return None

    @property
    def needs_preferences(self) -> bool:
        """Whether commercial messages should carry such a link."""
        return False
