"""Cards by journey: those of the working tree, and those that are live."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from baton.cards import (
    CardFile,
    CompiledCard,
    Found,
    check_card,
    compile_card,
    load_vocabulary,
    render,
)
from baton.cards import Project as CardProject
from baton.cards.hints import name_hint
from baton.errors import CheckFailed, UsageError
from baton.journal import Journal
from baton.project import Project
from baton.releases import live_release, read_release
from baton.releases.reading import read_if_free


@dataclass(frozen=True)
class LiveCards:
    """The cards of the live release by journey; `missing` says why they are not known, if so."""

    cards: Mapping[str, CompiledCard]
    release_id: str | None
    missing: str | None


def card_named(cards: CardProject, journey: str) -> CompiledCard:
    """Return the working tree's card of a journey.

    Raises UsageError when there is none, and CheckFailed when it has faults.
    """
    by_name = {one.path.stem: one for one in cards.cards}
    if journey not in by_name:
        mend = name_hint(journey, by_name.keys(), "`baton journey list` shows them")
        raise UsageError(f"no card is called {journey}", where="working tree", mend=mend)
    return _compiled(by_name[journey])


def card_in(path: Path, dbt_project: Path, journey: str) -> CompiledCard:
    """Return the card in a file, as a card of the journey.

    Raises UsageError when the file is no card of that journey, and CheckFailed when it has faults.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        mend = "name a file that holds a card, such as a changed copy of the journey's own"
        raise UsageError(f"the card cannot be read: {error}", where=str(path), mend=mend) from error
    checked = check_card(text, load_vocabulary(dbt_project))
    if checked.card is None:
        raise _faulty(checked.faults, path)
    if checked.card.journey != journey:
        what = f"the card is of the journey {checked.card.journey}"
        raise UsageError(what, where=str(path), mend=f"write `journey: {journey}`")
    return compile_card(checked.card, text)


def live_cards(project: Project, journal: Journal) -> LiveCards:
    """Return the cards of the live release, as far as the warehouse can be read now."""
    release_id = live_release(journal.activations())
    if release_id is None:
        return LiveCards({}, None, "no release is live")
    release, missing = read_if_free(project.warehouse, lambda con: read_release(con, release_id))
    cards = release.cards if release else ()
    return LiveCards({one.journey: one for one in cards}, release_id, missing)


def _compiled(file: CardFile) -> CompiledCard:
    if file.checked.card is None:
        raise _faulty(file.checked.faults, file.path)
    return compile_card(file.checked.card, file.text)


def _faulty(faults: tuple[Found, ...], path: Path) -> CheckFailed:
    listed = render(fault.in_file(path.as_posix()) for fault in faults)
    return CheckFailed(f"the card has {len(faults)} to mend\n{listed}")
