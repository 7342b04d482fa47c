"""`baton check`: reads cards, vocabulary and policies of a dbt project, without dbt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from baton.cards.actions import action_faults
from baton.cards.check import CheckedCard, check_card
from baton.cards.consent_basis import basis_faults
from baton.cards.contest_policies import contest_faults
from baton.cards.declared import declared_group
from baton.cards.handoffs import handoff_faults
from baton.cards.identity_policies import identity_faults
from baton.cards.owners import owner_faults
from baton.cards.packs import pack_faults
from baton.cards.places import CARDS, POLICIES
from baton.cards.policies import Policy, policy_faults, read_policy
from baton.cards.problems import Found, Problem, in_order
from baton.cards.promises import promise_faults
from baton.cards.unions import union_faults
from baton.cards.vocabulary import Vocabulary, load_vocabulary
from baton.errors import UsageError


@dataclass(frozen=True)
class CardFile:
    """A card as it stands in its file. `path` starts with the name of the dbt project's folder."""

    path: Path
    text: str
    checked: CheckedCard
    group: str | None

    def text_at(self, key: str) -> tuple[str | None, int]:
        """Return the text under a key of the card's head, and its line."""
        parsed = self.checked.parsed
        value = parsed.values.get(key) if parsed else None
        line = parsed.line_of((key,)) if parsed else 1
        return (value if isinstance(value, str) else None), line


@dataclass(frozen=True)
class Project:
    """Cards and policies of a dbt project, and all that is wrong with them."""

    folder: Path
    vocabulary: Vocabulary
    cards: tuple[CardFile, ...]
    policies: tuple[Policy, ...]
    problems: tuple[Problem, ...]


def check_project(dbt_project: Path) -> list[Problem]:
    """Return what is wrong in the project, by file and line; an empty list is a pass.

    Raises UsageError when `dbt_project` holds no models.
    """
    return list(read_project(dbt_project).problems)


def read_project(dbt_project: Path) -> Project:
    """Read cards and policies, checked. Raises UsageError when `dbt_project` holds no models."""
    folder = dbt_project.resolve()
    if not (folder / "models").is_dir():
        mend = "give the folder that holds models/ and seeds/, such as dbt_project"
        raise UsageError("no dbt project here", where=str(dbt_project), mend=mend)
    vocabulary = load_vocabulary(folder)
    paths = sorted((folder / CARDS).rglob("*.sql"))
    cards = tuple(_card_file(path, folder, vocabulary) for path in paths)
    policies = tuple(map(read_policy, sorted((folder / POLICIES).glob("*.csv"))))
    problems = (
        *_card_problems(cards),
        *union_faults(folder, vocabulary),
        *pack_faults(folder),
        *promise_faults(folder, vocabulary.sources),
        *_policy_problems(folder, policies, vocabulary),
    )
    return Project(folder, vocabulary, cards, policies, tuple(in_order(problems)))


def _card_file(path: Path, folder: Path, vocabulary: Vocabulary) -> CardFile:
    text = path.read_text(encoding="utf-8", errors="replace")
    checked = check_card(text, vocabulary)
    group = declared_group(path.with_suffix(".yml"), path.stem)
    return CardFile(path.relative_to(folder.parent), text, checked, group)


def _card_problems(cards: tuple[CardFile, ...]) -> Iterator[Problem]:
    first: dict[str, CardFile] = {}
    for one in cards:
        found = [*one.checked.faults, *_name_faults(one, first), *_group_faults(one)]
        yield from (fault.in_file(one.path.as_posix()) for fault in found)
        first.setdefault(one.text_at("journey")[0] or "", one)


def _name_faults(one: CardFile, first: dict[str, CardFile]) -> Iterator[Found]:
    journey, line = one.text_at("journey")
    if journey is None:
        return
    if journey != one.path.stem:
        mend = f"call the file {journey}.sql, or the journey `{one.path.stem}`"
        yield Found("file_name", line, "the journey and its file have different names", mend)
    if journey in first:
        mend = f"rename one; the first stands in {first[journey].path.as_posix()}"
        yield Found("journey_twice", line, f"two cards are called `{journey}`", mend)


def _group_faults(one: CardFile) -> Iterator[Found]:
    owner, line = one.text_at("owner")
    if owner and one.group and owner != one.group:
        mend = f"make `owner` and `config.group` in {one.path.stem}.yml the same"
        message = f"the card's owner is `{owner}`, its dbt group `{one.group}`"
        yield Found("owner_not_group", line, message, mend)


_FAULTS_OF = {
    "actions": action_faults,
    "consent_basis": basis_faults,
    "handoffs": handoff_faults,
    "identity_rules": identity_faults,
    "identity_blocked_values": identity_faults,
    "identity_overrides": identity_faults,
    "owners": owner_faults,
}


def _policy_problems(
    folder: Path, policies: tuple[Policy, ...], vocabulary: Vocabulary
) -> Iterator[Problem]:
    for policy in policies:
        faults_of = _FAULTS_OF.get(policy.name, contest_faults)
        found = [*policy_faults(policy), *faults_of(policy, vocabulary)]
        path = Path(folder.name) / POLICIES / f"{policy.name}.csv"
        yield from (fault.in_file(path.as_posix()) for fault in found)
