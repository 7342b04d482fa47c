"""What an exposure may say, and how each mistake is told: with the sync, the place and a mend."""

from dataclasses import replace
from pathlib import Path

import pytest

from activation.config import DestinationsConfig
from activation.syncs.checks import check, perhaps_suppressed
from activation.syncs.columns import Column, family_of
from activation.syncs.declared import Exposure
from activation.syncs.yaml_keys import twice

COLUMNS = {
    "person_id": Column("person_id", "varchar", is_personal=False),
    "email": Column("email", "varchar", is_personal=True),
    "orders": Column("orders", "integer", is_personal=False),
    "since": Column("since", "timestamp", is_personal=False),
}
WORDS = {
    "destination": "retail_drop",
    "purpose": "audiences",
    "audience": "lapsed",
    "key": "person_id",
    "mapping": {"person_id": "external_id", "email": {"field": "mail", "nulls": "clear"}},
    "consent": {"address": "email", "channel": "email"},
}
FINE = Exposure("lapsed", "marketing", "models/syncs.yml", 7, WORDS, ("members",), COLUMNS)


@pytest.fixture(scope="module")
def config():
    return DestinationsConfig.load(environ={"RETAIL_DROP_DIRECTORY": "/nowhere"})


def found(config, **changes):
    words = {name: one for name, one in (WORDS | changes).items() if one is not None}
    _, problems = check([replace(FINE, words=words)], config)
    return problems


def test_what_is_said_becomes_a_sync_with_sensible_defaults(config):
    (sync,), problems = check([FINE], config)
    assert problems == []
    assert (sync.key, sync.key_fields, sync.columns) == (
        ("person_id",),
        ("external_id",),
        ["person_id", "email"],
    )
    assert [(one.field, one.nulls, one.is_personal) for one in sync.fields] == [
        ("external_id", "skip", False),
        ("mail", "clear", True),
    ]
    assert (sync.when_gone, sync.when_merged, sync.breaker.max_share) == ("remove", "remove", 0.2)
    assert sync.is_key_personal is False


def test_a_profile_that_left_stays_by_default_and_a_personal_key_is_known_as_such(config):
    words = WORDS | {"purpose": "profiles", "key": "email", "consent": None, "audience": None}
    (sync,), _ = check([replace(FINE, words=words)], config)
    assert (sync.when_gone, sync.is_key_personal) == ("keep", True)


MISTAKES = [
    ({"audiance": "x"}, "unknown key 'audiance'", "use one of destination"),
    ({"key": "person"}, "key: members has no column 'person'", "it has person_id"),
    (
        {"mapping": {"person_id": "id", "mail": "mail"}},
        "mapping: members has no column 'mail'",
        "it has",
    ),
    (
        {"mapping": {"person_id": "id", "email": "x", "orders": "x"}},
        "mapping: 'email' and 'orders' both fill 'x'",
        "map one of them",
    ),
    (
        {"mapping": {"person_id": "id", "orders": {"field": "o", "type": "timestamp"}}},
        "'o' takes timestamp, column 'orders' is integer",
        "cast the column",
    ),
    ({"key": "orders"}, "key: column 'orders' is integer, a key is text", "cast it to varchar"),
    ({"mapping": {"email": "mail"}}, "the key 'person_id' is missing", "map it"),
    ({"mapping": {}}, "mapping: Dictionary should have at least 1 item", "correct the value"),
    (
        {"mapping": {"person_id": {"field": "id", "nulls": "drop"}}},
        "nulls: Input should be 'skip', 'clear' or 'send'",
        "correct the value",
    ),
    ({"consent": None}, "an audience without consent", "add consent"),
    ({"audience": None}, "an audience without a name", "add audience"),
    (
        {"consent": {"address": "mail", "channel": "email"}},
        "consent.address: members has no column 'mail'",
        "it has",
    ),
    ({"consent": {"address": "email"}}, "needs channel or channel_column", "say which channel"),
    ({"destination": "nowhere"}, "destination: messages go to 'nowhere'", "add it, or name"),
    ({"purpose": "events"}, "purpose: Input should be", "correct the value"),
    (
        {"breaker": {"max_share": 20}},
        "breaker.max_share: Input should be less",
        "correct the value",
    ),
    ({"breaker": {"fresh_within": "soon"}}, "is no duration", "correct the value"),
    (
        {"purpose": "suppressions", "audience": None},
        "consent without since",
        "name the column",
    ),
]


CONTEXTS = {"purpose": "contexts", "audience": None, "consent": None}
MISTAKES += [
    (CONTEXTS, "contexts of nobody", "add person"),
    (CONTEXTS | {"purpose": "actions"}, "actions of nobody", "add person"),
    (CONTEXTS | {"person": "customer"}, "person: members has no column 'customer'", "it has"),
    (CONTEXTS | {"person": "orders"}, "person: column 'orders' is integer", "cast it to varchar"),
    (
        CONTEXTS | {"person": "person_id", "consent": WORDS["consent"]},
        "consent: contexts are no messages",
        "leave it out",
    ),
    (
        CONTEXTS | {"person": "person_id", "summary": "x"},
        "unknown key 'summary'",
        "use one of destination",
    ),
    ({"person": "person_id"}, "person: audiences have none", "leave it out"),
    ({"purpose": "profiles"}, "audience: profiles have none", "leave it out"),
]


@pytest.mark.parametrize(("change", "message", "mend"), MISTAKES)
def test_a_mistake_is_told_with_sync_place_and_mend(config, change, message, mend):
    problems = found(config, **change)
    assert any(
        one.message.startswith("lapsed: ") and message in one.message and mend in one.mend
        for one in problems
    ), problems
    assert {(one.file, one.line) for one in problems} == {("models/syncs.yml", 7)}


def test_a_destination_that_cannot_be_told_such_things_is_refused():
    config = DestinationsConfig.load(
        environ={"SMS_GATEWAY_URL": "https://sms.example", "SMS_GATEWAY_SECRET": "whsec_c2VjcmV0"}
    )
    problems = found(config, destination="sms_gateway")
    assert [one.message for one in problems] == [
        "lapsed: destination: sms_gateway takes no audiences"
    ]


@pytest.mark.parametrize(
    ("purpose", "retry_class", "is_fine"),
    [
        ("contexts", "U", True),
        ("contexts", "N", False),
        ("contexts", "X", False),
        ("actions", "U", True),
        ("actions", "N", True),
        ("actions", "X", False),
    ],
)
def test_records_go_only_where_a_lost_answer_makes_none_twice_and_drops_no_change(
    purpose, retry_class, is_fine
):
    request = {"url": "/notes/{{ item_id }}", "method": "PUT", "json": "{{ fields }}"}
    desk = {
        "type": "http",
        "base_url": "https://desk.example",
        "limit": {"rate": 1, "per_seconds": 1},
        purpose: {"retry_class": retry_class, "request": request},
    }
    config = DestinationsConfig(Path(), 15, {"desk": desk}, {})
    changes = CONTEXTS | {"purpose": purpose, "person": "person_id", "destination": "desk"}
    problems = found(config, **changes)
    assert (problems == []) is is_fine
    assert all(f"takes {purpose} with retry_class {retry_class}" in x.message for x in problems)


def test_a_model_without_contract_or_more_than_one_model_is_refused(config):
    for exposure in (replace(FINE, columns={}), replace(FINE, models=("a", "b"))):
        syncs, problems = check([exposure], config)
        assert (syncs, len(problems)) == ([], 1)


def test_one_wrong_sync_does_not_hide_the_others(config):
    syncs, problems = check([FINE, replace(FINE, name="wrong", words={})], config)
    assert ([one.name for one in syncs], problems != []) == (["lapsed"], True)


def test_a_key_that_stands_twice_is_found_where_it_does():
    text = "exposures:\n  - name: a\n    mapping:\n      x: y\n      x: z\n    name: b\n"
    assert twice(text) == [(5, "x"), (6, "name")]


@pytest.mark.parametrize(
    ("data_type", "family"),
    [
        ("VARCHAR", "text"),
        ("decimal(10,2)", "number"),
        ("timestamp with time zone", "timestamp"),
        ("bigint", "integer"),
        ("varchar[]", "other"),
        ("struct(a integer)", "other"),
    ],
)
def test_a_type_belongs_to_a_family(data_type, family):
    assert family_of(data_type) == family


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"destination": "retail_drop", "purpose": "suppressions"}, {"retail_drop"}),
        ({"destination": "retail_drop", "purpose": "supressions"}, {"retail_drop"}),
        ({"destination": "retail_drop", "purpose": "audiences"}, set()),
        ({"destination": "retail_dorp", "purpose": "suppressions"}, None),
        ("nonsense", None),
    ],
)
def test_what_was_perhaps_meant_as_suppressions_makes_its_destination_unsure(config, words, found):
    unsure = perhaps_suppressed([replace(FINE, words=words)], config)
    assert unsure == (set(config.names()) if found is None else found)
