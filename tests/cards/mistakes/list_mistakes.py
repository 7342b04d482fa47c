"""Mistakes: files and lists."""

from card_projects import QUOTE_STALLED

from mistakes.table import Mistakes, Said, change

SIGNALS = "models/journeys/signals.sql"
GUARDS = "models/journeys/guards.sql"

LIST_MISTAKES: Mistakes = {
    "a file of another name": change(
        "journey: quote_stalled",
        "journey: quote_forgotten",
        Said(
            "file_name",
            2,
            "the journey and its file have different names",
            "call the file quote_forgotten.sql, or the journey `quote_stalled`",
        ),
    ),
    "a signal file that is not listed": change(
        "'order_paid'",
        "'order_paid'",
        Said(
            "list_incomplete",
            2,
            "`order_placed` is not in the list of signals",
            "add 'order_placed' to union_signals, or delete "
            "models/journeys/signals/order_placed.sql",
        ),
        file=SIGNALS,
        also={"models/journeys/signals/order_placed.sql": "select 1"},
    ),
    "a listed guard without a file": change(
        "'open_case'",
        "'open_case', 'open_cases'",
        Said(
            "list_unknown",
            1,
            "`open_cases` is listed, but has no file",
            "did you mean `open_case`?",
        ),
        file=GUARDS,
    ),
    "a list that is no list": change(
        "['open_case', \"high_value\"]",
        "[open_case]",
        Said(
            "list_missing",
            1,
            "no readable list of guards",
            "write {{ union_guards(['high_value', …]) }} with plain names",
        ),
        file=GUARDS,
    ),
    "two cards of one journey": change(
        "journey: quote_stalled",
        "journey: quote_forgotten",
        Said(
            "file_name",
            2,
            "the journey and its file have different names",
            "call the file quote_forgotten.sql, or the journey `quote_stalled`",
        ),
        Said(
            "journey_twice",
            2,
            "two cards are called `quote_forgotten`",
            "rename one; the first stands in shop/models/journeys/cards/quote_forgotten.sql",
        ),
        also={
            "models/journeys/cards/quote_forgotten.sql": QUOTE_STALLED.replace(
                "journey: quote_stalled", "journey: quote_forgotten"
            )
        },
    ),
    "an owner beside another group": change(
        "owner: sales",
        "owner: service",
        Said(
            "owner_not_group",
            3,
            "the card's owner is `service`, its dbt group `sales`",
            "make `owner` and `config.group` in quote_stalled.yml the same",
        ),
        also={
            "models/journeys/cards/quote_stalled.yml": (
                "models:\n  - name: quote_stalled\n    config: {group: sales}\n"
            )
        },
    ),
}
