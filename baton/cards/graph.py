"""Rules about how the steps of a card hang together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from baton.cards.draft import EVENT_KEYS, TIMER_KEYS, Draft
from baton.cards.hints import name_hint
from baton.cards.problems import Found
from baton.cards.words import ANY


@dataclass(frozen=True)
class Graph:
    """The steps of a card by name. Every draft in it is whole."""

    drafts: tuple[Draft, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name for draft in self.drafts for name in draft.targets)

    @cached_property
    def final(self) -> frozenset[str]:
        ends = (draft for draft in self.drafts if draft.is_final and not draft.is_entry)
        return frozenset(name for draft in ends for name in draft.targets)

    @cached_property
    def entries(self) -> tuple[Draft, ...]:
        return tuple(draft for draft in self.drafts if draft.is_entry)

    def edges(self, drafts: Iterable[Draft]) -> set[tuple[str, str]]:
        """Return from and to of the drafts' transitions."""
        opened = self.names - self.final
        return {
            (source, target)
            for draft in drafts
            for source in draft.sources(opened)
            for target in draft.targets
        }

    def unknown(self, draft: Draft) -> list[str]:
        """Return the steps it leaves that no step enters."""
        return [name for name in draft.names("from") if name not in self.names | {ANY}]


def graph_faults(graph: Graph, steps_line: int) -> Iterator[Found]:
    """Yield faults of the whole; `steps_line` is where a fault of all steps is shown."""
    if not graph.entries:
        mend = "add a step without `from`, such as `{to: waiting, when: <signal>, why: …}`"
        yield Found("no_entry", steps_line, "no step without `from`: nothing can enter", mend)
    yield from _entry_faults(graph)
    yield from _source_faults(graph)
    yield from _kind_faults(graph)
    if graph.entries:
        yield from _reach_faults(graph)
    yield from _circle_faults(graph)


def _entry_faults(graph: Graph) -> Iterator[Found]:
    first: dict[str, int] = {}
    for draft in graph.entries:
        line = draft.line_of(*EVENT_KEYS)
        if draft.given(*EVENT_KEYS) and draft.trigger in first:
            mend = f"keep one; the first stands on line {first[draft.trigger]}"
            message = f"two entries listen to `{draft.trigger}`"
            yield Found("entry_repeated", line, message, mend)
        first.setdefault(draft.trigger, line)


def _source_faults(graph: Graph) -> Iterator[Found]:
    for draft in graph.drafts:
        line = draft.line_of("from")
        for name in graph.unknown(draft):
            mend = name_hint(name, graph.names, f"add a step with `to: {name}`")
            yield Found("unknown_step", line, f"no step is called `{name}`", mend)
        for name in sorted(graph.final & set(draft.names("from"))):
            mend = "leave it from an open step, or make that step a plain one"
            message = f"`{name}` has ended the journey: nothing can leave it"
            yield Found("leaves_final", line, message, mend)


def _kind_faults(graph: Graph) -> Iterator[Found]:
    first: dict[str, Draft] = {}
    for draft in graph.drafts:
        for name in draft.targets:
            other = first.setdefault(name, draft)
            if draft.kind_word != other.kind_word:
                line, mend = draft.line_of("kind"), f"give it the kind of line {other.line}"
                yield Found("kind_conflict", line, f"`{name}` has two kinds", mend)


def _reach_faults(graph: Graph) -> Iterator[Found]:
    edges = graph.edges(graph.drafts)
    first = [draft for draft in graph.drafts if draft.is_entry or graph.unknown(draft)]
    roots = {name for draft in first for name in draft.targets}
    reached = _reach(roots, {edge for edge in edges if edge[0] not in graph.final})
    reached_past_the_end = _reach(roots, edges)
    for name in sorted(graph.names - reached):
        line = next(_line_of(name, draft) for draft in graph.drafts if name in draft.targets)
        if name in reached_past_the_end:
            mend = "reach it from an open step, or take it out"
            message = f"`{name}` is reached only through a goal or exit"
            yield Found("behind_final", line, message, mend)
        else:
            mend = "let a reachable step lead to it, or take it out"
            yield Found("unreachable_step", line, f"`{name}` cannot be reached from an entry", mend)


def _circle_faults(graph: Graph) -> Iterator[Found]:
    instant = [draft for draft in graph.drafts if draft.is_instant]
    edges = graph.edges(instant)
    for draft in instant:
        for name in draft.targets:
            if _reach({name}, edges) & draft.sources(graph.names - graph.final):
                mend = "give one of its steps an event, or an `after` longer than nothing"
                message = f"`{name}` is on a circle that needs neither an event nor an `after`"
                yield Found("idle_circle", draft.line_of(*TIMER_KEYS), message, mend)


def _reach(roots: set[str], edges: set[tuple[str, str]]) -> set[str]:
    reached = set(roots)
    while new := {to for source, to in edges if source in reached} - reached:
        reached |= new
    return reached


def _line_of(target: str, draft: Draft) -> int:
    return draft.line_of("to", f"split.{target}")
