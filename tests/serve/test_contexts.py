import hashlib
import json
import sqlite3
from datetime import timedelta

import pytest
from visitors import NOW, READER, UNMASKER

from baton.errors import UsageError
from baton.journal import Context
from baton.serve.contexts import spelt
from baton.serve.keys import ApiKeys, make_key

CONTEXT = {
    "first_name": "Ann-Sophie",
    "email": "ann@mail.example",
    "phone": "+12125550134",
    "wanted": "an oak kitchen",
    "open_cases": [{"case": "C-1", "note": "ring ann@mail.example"}],
}


def context(person="p1", **changes):
    given = {
        "person_id": person,
        "node_ids": ("n1", "n2"),
        "keys": (
            ("email", "ann@mail.example"),
            ("phone", "+12125550134"),
            ("crm_contact", "C17"),
        ),
        "context": CONTEXT,
        "as_of": NOW,
    }
    return Context(**(given | changes))


@pytest.fixture
def published(journal):
    journal.publish_contexts([context()])
    return journal


@pytest.fixture
def ask(client):
    def get(url, key=READER[0], **body):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        if body:
            return client.post(url, json=body, headers=headers)
        return client.get(url, headers=headers)

    return get


def log(journal, person="p1"):
    return [
        (row["accessor"], row["route"], row["is_masked"], row["outcome"])
        for row in journal.accesses(person)
    ]


@pytest.mark.parametrize("id_", ["p1", "n2", "C17"])
def test_a_context_is_found_by_any_id_of_the_person(published, ask, id_):
    answer = ask(f"/v1/contexts/{id_}")
    assert answer.status_code == 200
    assert answer.json() == {
        "person_id": "p1",
        "node_ids": ["n1", "n2"],
        "as_of": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
        "masked": True,
        "context": {
            "first_name": "A.",
            "email": "a***@mail.example",
            "phone": "***34",
            "wanted": "an oak kitchen",
            "open_cases": [{"case": "C-1", "note": "ring a***@mail.example"}],
        },
    }
    assert log(published) == [("desk", "contexts/{id}", True, "found")]


@pytest.mark.parametrize(
    "body",
    [
        {"email": " Ann@Mail.example "},
        {"phone": "(212) 555-0134"},
        {"phone": "+1 212 555 0134"},
        {"phone": "001 212 555 0134"},
        {"phone": "1-212-555-0134"},
        {"id": "n1"},
    ],
)
def test_an_address_is_asked_for_in_a_body(published, ask, body):
    assert ask("/v1/contexts/search", **body).json()["person_id"] == "p1"
    assert log(published) == [("desk", "contexts/search", True, "found")]


def test_only_a_key_with_that_right_sees_personal_values(published, ask):
    refused = ask("/v1/contexts/p1?unmask=true")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    shown = ask("/v1/contexts/p1?unmask=true", key=UNMASKER[0]).json()
    assert (shown["masked"], shown["context"]) == (False, CONTEXT)
    masked = ask("/v1/contexts/p1", key=UNMASKER[0]).json()
    assert (masked["masked"], masked["context"]["first_name"]) == (True, "A.")
    assert log(published) == [
        ("lead", "contexts/{id}", False, "found"),
        ("lead", "contexts/{id}", True, "found"),
    ]


def test_a_refusal_and_a_search_in_vain_are_on_record_too(path, published, ask):
    ask("/v1/contexts/p1?unmask=true")
    ask("/v1/contexts/nobody")
    with sqlite3.connect(path) as connection:
        seen = connection.execute("select accessor, person_id, outcome from accesses").fetchall()
    assert seen == [("desk", None, "forbidden"), ("desk", None, "not_found")]


@pytest.mark.parametrize(
    "key", [None, "", "wrong", READER[1], READER[1].split(":")[1]], ids=range(5)
)
@pytest.mark.parametrize("url", ["/v1/contexts/p1", "/v1/contexts?email=ann@mail.example"])
def test_without_a_known_key_nothing_is_told(published, ask, key, url):
    answer = ask(url, key=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert ask("/v1/contexts/search", key=key, email="ann@mail.example").status_code == 401
    assert log(published) == []


def test_a_key_may_also_come_in_a_header_of_its_own(published, client):
    answer = client.get("/v1/contexts/p1", headers={"x-api-key": READER[0]})
    assert answer.status_code == 200


def test_addresses_in_the_url_are_refused_with_what_to_do(published, ask):
    answer = ask("/v1/contexts?email=ann@mail.example")
    assert answer.status_code == 400
    assert "/v1/contexts/search" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"email": 1}', '{"email": ""}', '{"email": "a@b.c", "phone": "1"}',
     '{"name": "Ann"}', "\x00", '"email"', '{"id": "\\ud800"}', b'{"id": "\xed\xa0\x80"}',
     "[" * 60_000, '{"id":' * 9_000 + "1" + "}" * 9_000],
    ids=range(13),
)  # fmt: skip
def test_a_search_that_is_not_understood_is_told_in_the_one_shape(client, body):
    answer = client.post(
        "/v1/contexts/search", content=body, headers={"authorization": f"Bearer {READER[0]}"}
    )
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize(("url", "status"), [("/v1/contexts/x", 404), ("/v1/nowhere", 404)])
def test_errors_for_programs_have_one_shape(ask, url, status):
    answer = ask(url)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message"}


def test_a_later_context_replaces_an_earlier_one_and_never_the_other_way(published, ask):
    later = context(context={"wanted": "a lamp"}, as_of=NOW + timedelta(minutes=1))
    assert published.publish_contexts([later]) == 1
    assert published.publish_contexts([context(context={"wanted": "old"})]) == 0
    assert ask("/v1/contexts/p1").json()["context"] == {"wanted": "a lamp"}


def test_after_a_merge_the_keys_lead_to_the_person_who_stays(published, ask):
    moved = context("p0", node_ids=("n0", "n1", "n2"), as_of=NOW + timedelta(minutes=1))
    published.publish_contexts([moved, context(context=None, as_of=moved.as_of, keys=())])
    assert ask("/v1/contexts/search", email="ann@mail.example").json()["person_id"] == "p0"
    assert ask("/v1/contexts/n2").json()["person_id"] == "p0"
    assert ask("/v1/contexts/p1").status_code == 404


def test_a_key_that_a_person_no_longer_names_leads_nowhere(published, ask):
    published.publish_contexts([context(keys=(), as_of=NOW + timedelta(minutes=1))])
    assert ask("/v1/contexts/search", email="ann@mail.example").status_code == 404


def test_a_blanked_context_keeps_no_personal_value(path, published, ask):
    published.publish_contexts([context(context=None)])
    assert ask("/v1/contexts/p1").status_code == 404
    published.close()
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"Ann-Sophie" not in content


def test_keys_are_kept_as_keyed_hashes_only(path, journal):
    journal.publish_contexts([context(context={"wanted": "a lamp"})])
    journal.close()
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"mail.example" not in content
    assert hashlib.sha256(b"ann@mail.example").hexdigest().encode() not in content
    assert b"2125550134" not in content


@pytest.mark.parametrize(
    ("given", "known"),
    [("212 555 0134", "+12125550134"), ("+49 30 1234567", "+49301234567"),
     ("0049 30 1234567", "+49301234567"), ("1 212 555 0134", "+12125550134")],
)  # fmt: skip
def test_a_phone_number_is_spelt_as_the_warehouse_spells_it(given, known):
    assert spelt("phone", given) == known


@pytest.mark.parametrize("entry", ["desk", "desk:abc", "a b:c", "desk:" + "0" * 64 + ":admin"])
def test_a_malformed_entry_of_a_key_is_refused(entry):
    with pytest.raises(UsageError, match="new-key"):
        ApiKeys.parse(entry)


def test_keys_may_come_from_a_file(tmp_path):
    key, entry = make_key("bot")
    file = tmp_path / "keys"
    file.write_text(f"{READER[1]}\n{entry}\n")
    keys = ApiKeys.from_environment({"BATON_API_KEYS_FILE": str(file)})
    assert keys.holder(key).name == "bot"
    assert json.dumps(entry) not in key
    with pytest.raises(UsageError, match="cannot be read"):
        ApiKeys.from_environment({"BATON_API_KEYS_FILE": str(tmp_path / "none")})
