"""What a scenario means: its names exist, and its times run forward."""

from collections.abc import Iterator, Mapping

from baton.cards import Card, Found, Vocabulary
from baton.cards.hints import name_hint
from baton.cards.words import FALLBACK, RESERVED
from baton.cards.zones import zone_mend, zones
from baton.journeys.scenarios.shape import Load, Scenario, ScenarioText
from baton.journeys.scenarios.text import ParsedText, Place


def meaning_faults(
    text: ScenarioText,
    parsed: ParsedText,
    vocabulary: Vocabulary,
    cards: Mapping[str, Card | None],
) -> Iterator[Found]:
    """Yield what is wrong with a file whose shape is right."""
    line = parsed.line_of(("journey",))
    if text.journey not in cards:
        mend = name_hint(text.journey, cards.keys(), "name the card that the scenarios are for")
        yield Found("unknown_journey", line, f"no card is called `{text.journey}`", mend)
        return
    card = cards[text.journey]
    if card is None:
        message = f"the card `{text.journey}` has faults of its own"
        yield Found("card_has_faults", line, message, "`baton check` says what to mend there")
        return
    names = Names(vocabulary, card)
    seen: set[str] = set()
    for number, scenario in enumerate(text.scenarios):
        place = ("scenarios", number)
        if scenario.name in seen:
            message = f"two scenarios are called `{scenario.name}`"
            yield Found("twice", parsed.line_of((*place, "name")), message, "rename one")
        seen.add(scenario.name)
        yield from _Checked(scenario, place, parsed, names).faults()


class Names:
    """The names that scenarios of a card may use."""

    def __init__(self, vocabulary: Vocabulary, card: Card) -> None:
        self.signals = vocabulary.signals
        self.keyless = {name for name, key in vocabulary.signal_keys.items() if key is None}
        self.guards = vocabulary.guards
        targets = (target for step in card.steps for target in step.split or (step.to or "",))
        self.steps = frozenset(targets)
        own = {step.action(target) for step in card.steps for target in self.steps}
        self.actions = frozenset(one for one in own if one)

    @property
    def reached(self) -> frozenset[str]:
        """Steps that a path may name."""
        return self.steps | (RESERVED - {"any", "enter"})


class _Checked:
    def __init__(self, scenario: Scenario, place: Place, parsed: ParsedText, names: Names) -> None:
        self._scenario, self._place, self._parsed, self._names = scenario, place, parsed, names
        self._nodes = scenario.nodes()

    def faults(self) -> Iterator[Found]:
        before = None
        for number, load in enumerate(self._scenario.loads):
            place = ("loads", number)
            if before is not None and load.at < before:
                mend = "list the loads in the order of their times"
                yield self._fault("time_order", (*place, "at"), "is before the load above it", mend)
            before = load.at
            yield from self._load(load, place)
        for number, path in enumerate(self._scenario.path):
            place = ("path", number)
            yield from self._who(path.who, (*place, "who"))
            for at, step in enumerate(path.steps):
                inner = (*place, "steps", at)
                yield from self._known(step.step, self._names.reached, "step", inner)
                if step.do is not None:
                    actions = self._names.actions | {FALLBACK}
                    yield from self._known(step.do, actions, "action", (*inner, "do"))
        for number, gone in enumerate(self._scenario.gone or ()):
            yield from self._who(gone.who, ("gone", number, "who"))

    def _load(self, load: Load, place: Place) -> Iterator[Found]:
        for number, one in enumerate(load.signals):
            inner = (*place, "signals", number)
            yield from self._known(one.signal, self._names.signals, "signal", (*inner, "signal"))
            if one.key is not None and one.signal in self._names.keyless:
                mend = "leave `key` out: it moves all of the person's instances"
                yield self._fault("keyless", (*inner, "key"), "is none that the signal has", mend)
            if one.happened is not None and one.happened > load.at:
                mend = "nothing is loaded before it happens: make it earlier, or the load later"
                yield self._fault("time_order", (*inner, "happened"), "is after the load", mend)
        for number, one in enumerate(load.guards):
            inner = (*place, "guards", number)
            yield from self._known(one.guard, self._names.guards, "guard", (*inner, "guard"))
            if one.until is not None and one.until < one.since:
                mend = "let it end after it begins"
                yield self._fault("time_order", (*inner, "until"), "is before `since`", mend)
        for who, zone in load.zones.items():
            inner = (*place, "zones", who)
            yield from self._who(who, inner)
            if zone not in zones():
                yield self._fault("unknown_zone", inner, "has no known time zone", zone_mend(zone))
        for number, one in enumerate(load.decided):
            inner = (*place, "decided", number)
            yield from self._who(one.who, (*inner, "who"))
            yield from self._known(one.step, self._names.steps, "step", (*inner, "step"))

    def _who(self, who: str, place: Place) -> Iterator[Found]:
        if who not in self._nodes:
            mend = name_hint(who, self._nodes, "let a load bring them")
            yield self._fault("unknown_who", place, f"names `{who}`, who is in no load", mend)

    def _known(self, name: str, known: frozenset[str], what: str, place: Place) -> Iterator[Found]:
        if name not in known:
            mend = name_hint(name, known, "add it to the project first")
            yield self._fault(f"unknown_{what}", place, f"names no {what}: `{name}`", mend)

    def _fault(self, code: str, place: Place, message: str, mend: str) -> Found:
        key = next(part for part in reversed(place) if isinstance(part, str))
        return Found(code, self._parsed.line_of((*self._place, *place)), f"`{key}` {message}", mend)
