"""Where the project and its stores are, for assets and jobs."""

from pathlib import Path

import dagster as dg

from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

WRITER_POOL = "warehouse"


class BatonResource(dg.ConfigurableResource):  # pyright: ignore[reportMissingTypeArgument]
    """The project under `root`; warehouse, journal and landing come from the environment."""

    root: str

    def project(self) -> Project:
        """Return the project's paths."""
        return Project.find(Path(self.root))

    def journal(self) -> Journal:
        """Open the journal; the caller closes it."""
        return Journal.open(self.project().journal)

    def micro_batch(self) -> MicroBatch:
        """Return a runner of batches over the project, parsed when first used."""
        return MicroBatch(self.project())
