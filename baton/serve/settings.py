"""What the service needs to know, from the environment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from baton.errors import UsageError
from baton.links import LinkKeys
from baton.serve.collect.settings import CollectSettings
from baton.serve.keys import ApiKeys
from baton.serve.receipts import Inbox
from baton.serve.texts import Texts

_DAYS = 730


@dataclass(frozen=True)
class Settings:
    """Keys, how old a link may be, the texts of the pages, and who may report receipts."""

    links: LinkKeys
    api_keys: ApiKeys
    texts: Texts
    longest: timedelta = timedelta(days=_DAYS)
    collect: CollectSettings | None = None
    inbox: Inbox | None = None

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], landing: Path, sources: Collection[str]
    ) -> Self:
        """Settings from `BATON_LINK_KEY`, `BATON_LINK_DAYS`, `BATON_API_KEYS`, `BATON_PAGE_TEXTS`.

        The collector's are described there, as are `sources`. Raises UsageError when one is missing
        or wrong, with what to set.
        """
        texts = environ.get("BATON_PAGE_TEXTS")
        return cls(
            links=LinkKeys.from_environment(environ),
            api_keys=ApiKeys.from_environment(environ),
            texts=Texts.load(Path(texts) if texts else None),
            longest=timedelta(days=_days(environ.get("BATON_LINK_DAYS"))),
            collect=CollectSettings.from_environment(environ, landing, sources),
        )


def _days(text: str | None) -> int:
    if not text:
        return _DAYS
    if not text.isdecimal() or not int(text):
        raise UsageError(
            "the age of links is no number of days",
            where="BATON_LINK_DAYS",
            mend=f"set a whole number such as {_DAYS}, or leave it out",
        )
    return int(text)
