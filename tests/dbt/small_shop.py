"""A shop with seven customers: what lands, and three batches over it."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

GO_LIVE = datetime(2024, 5, 6, 12)
Row = dict[str, object]


def build(project: Project, dbt: DbtProject) -> None:
    """Run three batches: the history, two hours later with a merge, and one with outcomes."""
    batches = MicroBatch(project, dbt)
    with Journal.open(project.journal) as journal:
        journal.set_simulated_time(GO_LIVE)
        releases.compile_and_activate(
            project, journal, by="test", approved_by="test", reason="first release"
        )
        for number, (at, tables) in enumerate(_arrivals()):
            for name, rows in tables.items():
                _land(project.landing, name, number, rows)
            journal.set_simulated_time(at)
            batches.run(journal, now=at)


def _arrivals() -> Iterable[tuple[datetime, dict[str, list[Row]]]]:
    yield GO_LIVE, _history()
    yield (
        GO_LIVE + timedelta(hours=3),
        {
            "web.events": [
                _event("merge", "login", 61, anonymous_id="a2", user_id="u1"),
                _event("submitted", "quote_submitted", 62, anonymous_id="a6", quote_id="q6"),
            ],
        },
    )
    yield (
        GO_LIVE + timedelta(hours=4),
        {
            "consent.statements": [_statement(9, 1, granted=False, minute=190)],
            "service.cases": [_case(3, "closed", minute=200)],
            "messaging.receipts": [
                {
                    "receipt_id": "r1",
                    "channel": "email",
                    "address": "customer2@example.com",
                    "status": "bounced",
                    "occurred_at": _at(210),
                }
            ],
        },
    )


def _history() -> dict[str, list[Row]]:
    everyone = range(1, 8)
    return {
        "crm.contacts": [_contact(n) for n in everyone],
        "consent.statements": [
            *(_statement(n, n, granted=n != 4, minute=-900) for n in everyone),
            _statement(8, 6, granted=True, minute=-900) | {"purpose": "marketing"},
        ],
        "service.cases": [_case(3, "open", minute=-30)],
        "web.events": [
            *(
                _event(
                    f"l{n}", "login", -60, anonymous_id=f"a{n}", user_id=f"u{n}", email=_email(n)
                )
                for n in everyone
                if n != 5
            ),
            *(
                _event(f"s{n}", "quote_started", -20 + n, anonymous_id=f"a{n}", quote_id=f"q{n}")
                for n in everyone
                if n != 5
            ),
            _event("s5", "quote_started", -10, anonymous_id="a5", quote_id="q5"),
        ],
        "chat.messages": [
            {
                "message_id": "m1",
                "conversation_id": "v1",
                "contact_id": "c5",
                "anonymous_id": "a5",
                "author": "customer",
                "text": "Where is my order?",
                "occurred_at": _at(-40),
            }
        ],
        "shop.orders": [
            {
                "basket_id": f"b{n}",
                "household_id": str(n),
                "amount": 10.0 * n,
                "ordered_at": _at(-60 * 24 * 10 * n),
            }
            for n in everyone
        ],
        "shop.campaign_contacts": [
            {
                "campaign_id": "18",
                "household_id": "1",
                "campaign_type": "Type A",
                "start_date": "2024-03-01",
                "end_date": "2024-04-01",
            }
        ],
        "shop.coupon_redemptions": [
            {
                "redemption_id": "d1",
                "household_id": "1",
                "campaign_id": "18",
                "coupon_upc": "10000085364",
                "redeemed_on": "2024-03-20",
            }
        ],
    }


def _contact(n: int) -> Row:
    return {
        "contact_id": f"c{n}",
        "first_name": f"Customer {n}",
        "email": None if n == 5 else _email(n),
        "phone": f"212 555 01{n:02d}",
        "household_id": str(n),
        "country": "US",
        "timezone": "America/New_York",
        "do_not_contact": n == 7,
        "deceased": False,
        "created_at": _at(-5000),
        "updated_at": _at(-1000),
    }


def _statement(number: int, n: int, *, granted: bool, minute: int) -> Row:
    return {
        "statement_id": f"st{number}",
        "contact_id": f"c{n}",
        "email": None if n == 5 else _email(n),
        "phone": f"212 555 01{n:02d}" if n == 5 else None,
        "channel": "sms" if n == 5 else "email",
        "purpose": "sales",
        "brand": "main",
        "granted": granted,
        "stated_at": _at(minute),
    }


def _case(n: int, status: str, *, minute: int) -> Row:
    return {
        "case_id": f"k{n}",
        "contact_id": f"c{n}",
        "topic": "delivery",
        "status": status,
        "opened_at": _at(-30),
        "closed_at": _at(minute) if status == "closed" else None,
        "updated_at": _at(minute),
    }


def _event(event_id: str, event: str, minute: int, *, quote_id: str = "", **who: object) -> Row:
    facts = {"quote_id": quote_id, "value": 650, "product": "tv"} if quote_id else {}
    return {
        "event_id": event_id,
        "event": event,
        "properties": facts,
        "occurred_at": _at(minute),
        **who,
    }


def _email(n: int) -> str:
    return f"customer{n}@example.com"


def _at(minute: int) -> str:
    return f"{GO_LIVE + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S}"


def _land(landing: Path, name: str, number: int, rows: list[Row]) -> None:
    source, table = name.split(".")
    target = landing / source / f"{table}.{number:02d}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
