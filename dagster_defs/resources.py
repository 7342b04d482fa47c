"""Where the project and its stores are, for assets and jobs."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from activation import DestinationsConfig
from baton.errors import BatonError, Busy
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

WRITER_POOL = "warehouse"
_FILE = "BATON_DESTINATIONS"
_TRIES, _WAIT_S = 10, 15


class BatonResource(dg.ConfigurableResource):  # pyright: ignore[reportMissingTypeArgument]
    """The project under `root`; warehouse, journal and landing come from the environment."""

    root: str
    _batches: MicroBatch | None = PrivateAttr(default=None)

    def project(self) -> Project:
        """Return the project's paths."""
        return Project.find(Path(self.root))

    def journal(self) -> Journal:
        """Open the journal; the caller closes it."""
        return Journal.open(self.project().journal)

    def micro_batch(self) -> MicroBatch:
        """Return the runner of batches, parsed when first used and kept for the run."""
        if self._batches is None:
            self._batches = MicroBatch(self.project())
        return self._batches


class DestinationsResource(dg.ConfigurableResource):  # pyright: ignore[reportMissingTypeArgument]
    """The named destinations. What their settings take from the environment comes by `EnvVar`.

    A variable that is not set is left out: only who sends there is told of it.
    """

    environment: dict[str, str]

    @classmethod
    def of_environment(cls) -> Self:
        """Take what destinations.yml names and the environment has; no value is kept here."""
        names = {_FILE, *DestinationsConfig.load().variables()}
        return cls(environment={one: dg.EnvVar(one) for one in names if os.environ.get(one)})

    def config(self) -> DestinationsConfig:
        """Return the destinations; settings are resolved when one is asked for."""
        return DestinationsConfig.load(environ=self.environment)


@contextmanager
def in_dagster_words() -> Generator[None]:
    """Try again when something is busy; fail with what, where and mend for other known errors."""
    try:
        yield
    except Busy as error:
        raise dg.RetryRequested(max_retries=_TRIES, seconds_to_wait=_WAIT_S) from error
    except BatonError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
