"""Mistakes: freshness promises."""

from mistakes.table import Mistakes, Said, change

DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'
PROMISE = "models/journeys/signals/quote_started.yml"

PROMISE_MISTAKES: Mistakes = {
    "a promise that is a word": change(
        "{source: web.events, fresh_within: 2 hours}",
        "fresh",
        Said(
            "promise_unreadable",
            5,
            "`meta.baton` is no mapping",
            "write {source: web.events, fresh_within: 2 hours}",
        ),
        file=PROMISE,
    ),
    "a misspelt key of a promise": change(
        "fresh_within",
        "fresh_witin",
        Said(
            "promise_unknown_key",
            5,
            "`fresh_witin` is no part of a freshness promise",
            "did you mean `fresh_within`?",
        ),
        file=PROMISE,
    ),
    "a promise of no duration": change(
        "2 hours",
        "two hours",
        Said("promise_bad_duration", 5, "`fresh_within` is not a duration", DURATION_MEND),
        file=PROMISE,
    ),
    "a promise of nothing": change(
        "2 hours",
        "0 hours",
        Said(
            "promise_bad_duration", 5, "`fresh_within` must be longer than nothing", DURATION_MEND
        ),
        file=PROMISE,
    ),
    "a promise without a source": change(
        "source: web.events, ",
        "",
        Said(
            "promise_without_source",
            5,
            "the freshness promise does not say of which source",
            "name the table it reads, as in {source: web.events, fresh_within: 2 hours}",
        ),
        file=PROMISE,
    ),
    "a promise of a source that is none": change(
        "web.events",
        "web.event",
        Said(
            "promise_unknown_source",
            5,
            "no source is called `web.event`",
            "did you mean `web.events`?",
        ),
        file=PROMISE,
    ),
}
