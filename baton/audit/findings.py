"""What an audit finds that should not be."""

from dataclasses import dataclass

NAMED = 5
"""How many rows a finding names at most."""


@dataclass(frozen=True)
class Finding:
    """A ledger, or the chain, that is not as it was; `rows` names some of the rows by their ids.

    `window_id` is the batch, null where no batch can be named; `link` the link of the chain.
    """

    ledger: str
    window_id: int | None
    what: str
    link: int | None = None
    rows: tuple[str, ...] = ()

    def line(self) -> str:
        """Return it in one line."""
        where = self.ledger if self.window_id is None else f"{self.ledger}, batch {self.window_id}"
        named = f": {', '.join(self.rows)}" if self.rows else ""
        return f"{where}: {self.what}{named}"
