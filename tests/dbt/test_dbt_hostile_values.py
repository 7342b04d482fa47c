"""Values that nobody should be known by, broken text, and what one identifier has of many."""

import json
from datetime import timedelta

import pytest
from small_shop import GO_LIVE
from test_dbt_stewards import Steward

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
ZERO = "00000000-0000-0000-0000-000000000000"
TEN = range(10)


@pytest.fixture(scope="module")
def shop(built, tmp_path_factory):
    """The small shop after a batch of hostile events."""
    folder = tmp_path_factory.mktemp("hostile")
    shop = Steward(built, folder)
    lines = [json.dumps(one).encode() for one in _events()]
    lines.insert(3, b'{"event_id": "broken", "event": "login", "email": "caf\xe9@mail.example"}')
    lines.insert(5, b'{"event_id": "cut", "event": "log')
    file = folder / "landing" / "web" / "events-hostile.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    shop.batch()
    return shop


def _events():
    shared = [
        *({"user_id": word, "email": f"{word.strip() or 'blank'}{n}@mail.example"}
          for word in ("null", " ", "undefined") for n in TEN),
        *({"anonymous_id": ZERO, "email": f"zero{n}@mail.example"} for n in TEN),
        *({"anonymous_id": "kiosk", "user_id": f"guest{n}", "email": f"guest{n}@mail.example"}
          for n in TEN),
        {"user_id": "x" * 10_240, "email": "long@mail.example"},
        {"user_id": "x" * 10_240, "email": "longer@mail.example"},
        {"user_id": "'; drop table nodes; --", "email": "quote@mail.example"},
        {"user_id": "bell\x07", "email": "bell@mail.example"},
        {"user_id": "zo\u00e9", "email": "zoe@mail.example"},
        {"user_id": "zoe\u0301", "email": "ZOE@Other.example"},
        {"user_id": "wide", "email": "wide@\uff4dail.example"},
        {"user_id": "sound", "email": "sound@mail.example", "anonymous_id": "sound browser"},
    ]  # fmt: skip
    at = (GO_LIVE + timedelta(hours=5)).isoformat()
    for number, one in enumerate(shared):
        yield {"event_id": f"h{number}", "event": "login", "occurred_at": at, **one}


def persons(shop, *values):
    return {shop.id_of(one) for one in values}


def test_words_for_nothing_join_nobody(shop):
    for word in ("null", "blank", "undefined", "zero"):
        assert len(persons(shop, *(f"{word}{n}@mail.example" for n in TEN))) == 10
    assert len(persons(shop, "long@mail.example", "longer@mail.example")) == 2
    assert len(shop.person("bell@mail.example")["identifiers"]) == 1


def test_an_identifier_of_ten_persons_merges_none_of_them(shop):
    assert len(persons(shop, *(f"guest{n}" for n in TEN))) == 10
    assert all(persons(shop, f"guest{n}", f"guest{n}@mail.example") for n in TEN)
    kinds = {one["identifier"]["value"]: one["kind"] for one in shop.conflicts()}
    assert kinds["kiosk"] == "equal_evidence"


def test_the_same_text_in_other_code_points_is_the_same_identifier(shop):
    assert len(persons(shop, "zo\u00e9", "zoe@mail.example", "zoe@other.example")) == 1
    assert len(persons(shop, "wide", "wide@mail.example")) == 1


def test_quotes_are_text_and_the_sound_rows_go_on(shop):
    assert len(shop.person("'; drop table nodes; --")["identifiers"]) == 2
    assert len(persons(shop, "sound", "sound@mail.example", "sound browser")) == 1


def test_every_record_is_counted_where_it_ended(shop):
    [(read, loaded, quarantined)] = shop.ask(
        "select rows_read, rows_loaded, rows_quarantined from raw.deliveries "
        "where path like '%events-hostile%'"
    )
    events = len(list(_events()))
    assert (read, loaded, quarantined) == (events + 2, events, 2)
    left_out = dict(
        shop.ask(
            "select column_name, records from raw.identifiers_left_out where source = 'web.events'"
        )
    )
    assert left_out == {"user_id": 23, "anonymous_id": 10}
