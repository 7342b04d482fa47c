"""What an exposure says that does not hold: columns, mapping, meaning, destination."""

from collections.abc import Iterator

from activation.config import DestinationsConfig
from activation.syncs.columns import family_of, fits
from activation.syncs.declared import (
    RECORDS,
    Declared,
    Exposure,
    SyncPurpose,
    keys_of,
    targets_of,
)
from baton.cards.problems import Problem
from baton.errors import UsageError
from baton.journal.rules import RetryClass

_ONCE: dict[SyncPurpose, frozenset[RetryClass]] = {
    "contexts": frozenset({"U"}),
    "actions": frozenset({"U", "N"}),
}


def problem(one: Exposure, message: str, mend: str) -> Problem:
    """A problem of a sync, at the place of its exposure."""
    return Problem("sync", one.file, one.line, f"{one.name}: {message}", mend)


def faults_of(one: Exposure, words: Declared, config: DestinationsConfig) -> Iterator[Problem]:
    """Everything that is wrong with the words of an exposure, none when it can be a sync."""
    if len(one.models) != 1:
        yield problem(one, "depends on more or less than one model", "name exactly one ref()")
        return
    yield from _column_faults(one, words)
    yield from _mapping_faults(one, words)
    yield from _meaning_faults(one, words)
    yield from _record_faults(one, words)
    yield from _destination_faults(one, words, config)


def _column_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    if not one.columns:
        yield problem(one, f"{one.models[0]} has no contract", "enforce one: it gives the types")
        return
    for place, name in _named_columns(words):
        if name not in one.columns:
            known = ", ".join(one.columns)
            yield problem(
                one, f"{place}: {one.models[0]} has no column {name!r}", f"it has {known}"
            )
    ids = [("key", name) for name in keys_of(words)]
    for place, name in [*ids, *([("person", words.person)] if words.person else [])]:
        column = one.columns.get(name)
        if column is not None and column.family != "text":
            yield problem(
                one,
                f"{place}: column {name!r} is {column.data_type}, a {place} is text",
                "cast it to varchar in the model",
            )


def _mapping_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for column, target in targets_of(words).items():
        if target.field in seen:
            yield problem(
                one,
                f"mapping: {seen[target.field]!r} and {column!r} both fill {target.field!r}",
                "map one of them",
            )
        seen[target.field] = column
        known = one.columns.get(column)
        if target.type and known and not fits(known.family, target.type):
            yield problem(
                one,
                f"mapping: {target.field!r} takes {target.type}, column {column!r} is"
                f" {known.data_type}",
                f"cast the column in the model, or give the type {family_of(known.data_type)}",
            )
    for name in keys_of(words):
        if name not in words.mapping:
            yield problem(
                one, f"mapping: the key {name!r} is missing", "map it: the tool finds rows by it"
            )


def _meaning_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    if words.purpose == "audiences" and words.consent is None:
        yield problem(
            one, "an audience without consent", "add consent: {channel, purpose, address}"
        )
    if words.purpose == "audiences" and words.audience is None:
        yield problem(one, "an audience without a name", "add audience: <its name in the tool>")
    if words.purpose != "audiences" and words.audience is not None:
        yield problem(one, f"audience: {words.purpose} have none", "leave it out")
    if words.consent and words.consent.channel_column and words.purpose != "suppressions":
        yield problem(one, "consent: a column of channels", "make one sync per channel")
    if words.consent and (words.consent.channel is None) == (words.consent.channel_column is None):
        yield problem(
            one, "consent: needs channel or channel_column, not both", "say which channel it is"
        )
    if words.purpose == "suppressions" and words.consent and not words.since:
        yield problem(
            one,
            "consent without since: no yes could be newer",
            "name the column that says since when",
        )


def _record_faults(one: Exposure, words: Declared) -> Iterator[Problem]:
    """Of contexts and actions: no message, so no consent, but nothing of whom is suppressed."""
    if words.purpose not in RECORDS:
        if words.person is not None:
            yield problem(one, f"person: {words.purpose} have none", "leave it out")
        return
    if words.person is None:
        yield problem(
            one, f"{words.purpose} of nobody", "add person: <the column with the person's id>"
        )
    if words.consent is not None:
        yield problem(
            one,
            f"consent: {words.purpose} are no messages",
            "leave it out; sync an audience to contact people",
        )


def _destination_faults(
    one: Exposure, words: Declared, config: DestinationsConfig
) -> Iterator[Problem]:
    try:
        config.kind_of(words.destination)
    except UsageError as error:
        yield problem(one, f"destination: {error.what}", error.mend)
        return
    try:
        destination = config.destination(words.destination, words.options)
    except UsageError:
        return  # what the environment lacks here is said where the sync runs
    if words.purpose not in destination.calls and not destination.takes_files:
        yield problem(
            one,
            f"destination: {words.destination} takes no {words.purpose}",
            "name another destination",
        )
    elif words.purpose in _ONCE and not destination.takes_files:
        retry_class = destination.call(words.purpose).facts.retry_class
        if retry_class not in _ONCE[words.purpose]:
            yield problem(
                one,
                f"destination: {words.destination} takes {words.purpose} with retry_class"
                f" {retry_class}: after a lost answer one would stand there twice or lack a change",
                "let it find records by item_id (an upsert, or look_up and if_found), and say U",
            )


def _named_columns(words: Declared) -> Iterator[tuple[str, str]]:
    yield from (("key", name) for name in keys_of(words))
    yield from (("mapping", name) for name in words.mapping)
    if words.consent:
        yield "consent.address", words.consent.address
        if words.consent.channel_column:
            yield "consent.channel_column", words.consent.channel_column
    if words.person:
        yield "person", words.person
    if words.since:
        yield "since", words.since
