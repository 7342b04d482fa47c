"""How long what is no longer needed stays: `retention.yml` in the project's root."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baton.errors import UsageError

FILE = "retention.yml"
_AN_HOUR = 1 / 24


class Retention(BaseModel):
    """Ages in days; null keeps for good.

    The least ages are what promises need: a collector may still write to a segment for minutes,
    a provider report on a message for weeks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    collected_days: float | None = Field(default=2, ge=_AN_HOUR)
    """Files that `baton serve` has landed, once they are loaded."""
    landed_days: float | None = Field(default=None, ge=_AN_HOUR)
    """Files that others have landed, once they are loaded."""
    archive: Path | None = None
    """Folder that takes loaded files, compressed; without one they are deleted."""
    raw_extra_days: float | None = Field(default=None, ge=30)
    """Then a raw row loses `_extra`, the fields that no column declares."""
    deliveries_days: float | None = Field(default=7, ge=1)
    """Then a file keeps one row in `raw.deliveries`, and a feed one for each day."""
    windows_days: float | None = Field(default=400, ge=30)
    """Rows of `raw.windows`."""
    quarantine_text_days: float | None = Field(default=90, ge=1)
    """Then a record in quarantine keeps its reason, and loses its text."""
    journal_days: float | None = Field(default=90, ge=30)
    """Events, attempts and payloads of ended messages, requests of syncs, in the journal."""
    dagster_run_days: float | None = Field(default=2, ge=1)
    """Runs of the continuous run, the micro-batch and housekeeping, with their events."""

    @classmethod
    def load(cls, root: Path) -> "Retention":
        """Return the policy of a project, the defaults where it has none.

        Raises `UsageError` naming the key and the mend when it is wrong.
        """
        file = root / FILE
        if not file.exists():
            return cls()
        try:
            given = yaml.safe_load(file.read_text()) or {}
            found = cls.model_validate(given)
        except yaml.YAMLError as error:
            raise UsageError("it is no YAML", where=FILE, mend="mend its syntax") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            key = ".".join(str(part) for part in first["loc"]) or "the file"
            mend = f"mend {key}; the keys are {', '.join(cls.model_fields)}"
            raise UsageError(f"{key}: {first['msg']}", where=FILE, mend=mend) from None
        if found.archive is None:
            return found
        return found.model_copy(update={"archive": root / found.archive})
