"""The collector: what the tracking libraries send is on disk before it is answered."""

import asyncio
import base64
import gzip
import json
import os
from contextlib import contextmanager
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from baton.errors import UsageError
from baton.intake import Column, Source, prepare, take_in
from baton.journal.clock import wall_clock
from baton.serve.collect.routes import LARGEST_BODY, Collector
from baton.serve.collect.segments import NoRoomError, Segments
from baton.serve.collect.settings import CollectSettings
from baton.serve.collect.tracking import rows_of

NOON = datetime(2026, 3, 2, 12, 0)
KEY = "writekey-of-the-web"
SOURCES = {"web.events", "app.calls"}
_COLUMNS = {
    "event_id": "varchar", "anonymous_id": "varchar", "user_id": "varchar", "email": "varchar",
    "event": "varchar", "properties": "json", "occurred_at": "timestamp", "sent_at": "timestamp",
}  # fmt: skip
WEB_EVENTS = Source(
    name="web",
    table="events",
    relation="raw.web_events",
    columns=tuple(Column(name, kind) for name, kind in _COLUMNS.items()),
    mode="append",
    key=("event_id",),
    occurred_at="occurred_at",
    required=("event", "occurred_at"),
    restated=("sent_at",),
)
BASIC = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
TRACK = {
    "type": "track",
    "event": "quote_started",
    "messageId": "m-1",
    "userId": "u-1",
    "anonymousId": "a-1",
    "context": {"traits": {"email": "ann@mail.example"}},
    "properties": {"quote_id": "q-1", "value": 700.5},
    "timestamp": "2026-03-02T11:59:58.000Z",
}


@pytest.fixture
def client(tmp_path):
    """The collector over a folder; `lines` reads what it has kept."""
    collector = Collector(Segments(tmp_path, "events"), {KEY: "web"})
    with TestClient(Starlette(routes=collector.routes()), raise_server_exceptions=False) as one:
        one.folder = tmp_path
        yield one


def lines(folder):
    files = sorted(folder.glob("events-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def one_row(item, call="track", **body):
    (row,) = rows_of({**body, **item}, call, received_at=NOON, source="web")
    return row


def test_a_batch_is_on_disk_line_by_line_when_it_is_answered(client):
    items = [{**TRACK, "messageId": f"m-{n}"} for n in range(3)]
    answer = client.post("/v1/batch", json={"batch": items, "sentAt": None}, headers=BASIC)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [row["event_id"] for row in lines(client.folder)] == ["m-0", "m-1", "m-2"]


def test_a_row_has_the_columns_of_the_source_and_the_rest_of_the_call_beside_them():
    row = one_row(TRACK)
    assert row == {
        "event_id": "m-1",
        "anonymous_id": "a-1",
        "user_id": "u-1",
        "email": "ann@mail.example",
        "event": "quote_started",
        "properties": {"quote_id": "q-1", "value": 700.5},
        "occurred_at": "2026-03-02T11:59:58.000000",
        "sent_at": None,
        "call": "track",
        "write_key": "web",
        "_received_at": "2026-03-02T12:00:00.000000",
    }


@pytest.mark.parametrize(
    ("call", "item", "event", "properties"),
    [
        ("page", {"name": "P", "properties": {"a": "/p"}}, "page_view", {"a": "/p", "name": "P"}),
        ("screen", {"name": "Home"}, "screen_view", {"name": "Home"}),
        ("identify", {"traits": {"email": "a@b.example"}}, "identify", {"email": "a@b.example"}),
        ("group", {"groupId": "g", "traits": {"plan": "x"}}, "group", {"plan": "x"}),
        ("alias", {"previousId": "a-0"}, "alias", {}),
    ],
)  # fmt: skip
def test_each_call_has_an_event_name_of_its_own(call, item, event, properties):
    row = one_row({"userId": "u", **item}, call)
    assert (row["event"], row["properties"]) == (event, properties)


def test_an_alias_and_a_group_keep_the_other_id():
    assert one_row({"userId": "u", "previousId": "a-0"}, "alias")["previous_id"] == "a-0"
    assert one_row({"userId": "u", "groupId": 7}, "group")["group_id"] == "7"


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.integers(0, 10**6))
@settings(max_examples=50)
def test_a_wrong_clock_is_corrected_by_what_it_says_of_the_sending(off, ago):
    happened, sent = NOON - timedelta(seconds=ago), NOON
    stamps = {"timestamp": (happened + off).isoformat(), "sentAt": (sent + off).isoformat()}
    assert one_row({**TRACK, **stamps})["occurred_at"] == happened.isoformat(
        timespec="microseconds"
    )


def test_nothing_happens_after_it_was_received():
    row = one_row({**TRACK, "timestamp": "2031-01-01T00:00:00Z"})
    assert row["occurred_at"] == row["_received_at"]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "track", "userId": "u"},
        {"type": "sing", "event": "x", "userId": "u"},
        {"type": "track", "event": "x", "timestamp": "the other day"},
        "no item at all",
        None,
    ],
)
def test_a_wrong_item_costs_its_neighbours_nothing_and_is_kept_for_quarantine(client, item):
    answer = client.post("/v1/batch", json={"batch": [TRACK, item]}, headers=BASIC)
    assert answer.status_code == 200
    good, bad = lines(client.folder)
    assert good["event"] == "quote_started"
    assert bad["event"] is None or bad["occurred_at"] is None


def test_a_message_that_is_sent_again_is_kept_once(client):
    for _ in range(3):
        assert client.post("/v1/track", json=TRACK, headers=BASIC).status_code == 200
    assert len(lines(client.folder)) == 1


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8", "", "image/png"])
def test_the_content_type_does_not_matter(client, kind):
    content = json.dumps(TRACK).encode()
    headers = {**BASIC, "content-type": kind}
    assert client.post("/v1/track", content=content, headers=headers).status_code == 200


def test_a_beacon_names_its_write_key_in_the_body(client):
    assert client.post("/v1/track", json={**TRACK, "writeKey": KEY}).status_code == 200


def test_gzip_is_inflated_and_a_bomb_is_not(client):
    headers = {**BASIC, "content-encoding": "gzip"}
    packed = gzip.compress(json.dumps(TRACK).encode())
    assert client.post("/v1/track", content=packed, headers=headers).status_code == 200
    bomb = gzip.compress(b" " * (LARGEST_BODY + 1))
    assert client.post("/v1/track", content=bomb, headers=headers).status_code == 413
    assert client.post("/v1/track", content=packed[:-9], headers=headers).status_code == 400
    assert client.post("/v1/track", content=b"no gzip", headers=headers).status_code == 400


@pytest.mark.parametrize("key", ["", "another-key-altogether", "\udcff"])
def test_an_unknown_write_key_is_refused_and_nothing_is_kept(client, key):
    content = json.dumps({**TRACK, "writeKey": key})
    assert client.post("/v1/track", content=content).status_code == 401
    wrong = {"authorization": "Basic %%"}
    assert client.post("/v1/track", json=TRACK, headers=wrong).status_code == 401
    assert lines(client.folder) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(client, content):
    answer = client.post("/v1/batch", content=content, headers=BASIC)
    assert answer.status_code == 400
    assert answer.json().keys() == {"success", "code", "message"}, "as libraries read it"


@pytest.mark.parametrize(
    "item",
    [
        {**TRACK, "timestamp": "0001-01-01T00:00:00Z", "sentAt": "9999-12-31T23:59:59Z"},
        {**TRACK, "timestamp": "0001-01-01T00:00:00Z", "sentAt": "2100-01-01T00:00:00Z"},
        {**TRACK, "messageId": "\udcff", "properties": {"x": "y" * 40_000}},
        {**TRACK, "type": "t" * 400_000},
    ],
)
def test_an_odd_item_is_kept_for_quarantine_in_a_short_line(client, item):
    content = json.dumps({"batch": [item, {**TRACK, "messageId": "the good one"}]})
    assert client.post("/v1/batch", content=content, headers=BASIC).status_code == 200
    (file,) = client.folder.glob("events-*.jsonl")
    assert all(len(line) < 40_000 for line in file.read_bytes().splitlines())
    assert lines(client.folder)[-1]["event_id"] == "the good one"


def test_an_item_nested_too_deep_costs_its_neighbours_nothing(client):
    deep = '{"type": "track", "event": "x", "userId": "u", "properties": ' + '{"a":' * 900 + "1"
    content = '{"batch": [' + deep + "}" * 901 + "," + json.dumps(TRACK) + "]}"
    assert client.post("/v1/batch", content=content, headers=BASIC).status_code in (200, 400)


@pytest.mark.parametrize("letter", ["t", "p", "s", "i", "g", "a", "b"])
def test_the_short_paths_of_browser_libraries_are_served(client, letter):
    body = {"batch": [TRACK]} if letter == "b" else TRACK
    answer = client.post(f"/v1/{letter}", json={**body, "writeKey": KEY})
    assert answer.status_code == 200


def test_too_many_items_are_refused(client):
    answer = client.post("/v1/batch", json={"batch": [{}] * 2_501}, headers=BASIC)
    assert answer.status_code == 413
    assert lines(client.folder) == []


def test_an_unknown_key_is_refused_before_the_body_is_read(client):
    headers = {"authorization": "Basic " + base64.b64encode(b"nobody-knows-it:").decode()}
    assert client.post("/v1/batch", content=b"{", headers=headers).status_code == 401


def test_a_segment_that_somebody_moved_is_not_written_to(client):
    client.post("/v1/track", json=TRACK, headers=BASIC)
    (file,) = client.folder.glob("events-*.jsonl")
    file.rename(file.with_name("moved.away"))
    client.post("/v1/track", json={**TRACK, "messageId": "m-2"}, headers=BASIC)
    assert [row["event_id"] for row in lines(client.folder)] == ["m-2"]


def test_too_large_a_body_is_refused_and_too_large_an_event_kept_as_a_name(client):
    body = {"batch": [{**TRACK, "properties": {"x": "y" * LARGEST_BODY}}]}
    assert client.post("/v1/batch", json=body, headers=BASIC).status_code == 413
    item = {**TRACK, "properties": {"x": "y" * 40_000}}
    assert client.post("/v1/track", json=item, headers=BASIC).status_code == 200
    (row,) = lines(client.folder)
    assert row["event_id"] == "m-1" and "event" not in row and row["too_large_bytes"] > 40_000


def test_browsers_of_other_sites_may_send(client):
    answer = client.options("/v1/track", headers={"origin": "https://shop.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert client.post("/v1/track", json=TRACK, headers=BASIC).headers[
        "access-control-allow-origin"
    ]


def test_metrics_count_events_and_answers(client):
    client.post("/v1/batch", json={"batch": [TRACK]}, headers=BASIC)
    client.post("/v1/batch", content=b"{", headers=BASIC)
    told = client.get("/metrics").text.splitlines()
    assert "baton_collected_events_total 1" in told
    assert 'baton_collector_answers_total{status="400"} 1' in told


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=12), one, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "messageId", "timestamp", "sentAt", "context",
     "traits", "properties", "name", "batch", "originalTimestamp"]
)  # fmt: skip


ITEMS = st.lists(st.dictionaries(FIELDS, JSON, max_size=8) | JSON, max_size=5)
GOOD = {**TRACK, "messageId": "the good one"}


@contextmanager
def collecting(folder):
    """A collector of its own over a folder."""
    collector = Collector(Segments(folder, "events"), {KEY: "web"})
    with TestClient(Starlette(routes=collector.routes()), raise_server_exceptions=False) as client:
        yield client


def good_ones(folder):
    return [row["event"] for row in lines(folder) if row["event_id"] == "the good one"]


def neighbours_are_kept(folder, items, at):
    """Send a good item among others."""
    batch = [*items[:at], GOOD, *items[at:]]
    with collecting(folder / "web") as client:
        answer = client.post("/v1/batch", content=json.dumps({"batch": batch}), headers=BASIC)
        assert answer.status_code == 200
    assert good_ones(folder / "web") == ["quote_started"]


def any_request_is_answered(folder, path, content, headers):
    """Send whatever it is, then a good one; no answer is that of a fault of ours."""
    with collecting(folder) as client:
        answer = client.post(f"/v1/{path}", content=content, headers={**BASIC, **headers})
        assert answer.status_code < 500
        assert answer.status_code in (200, 400, 401, 404, 408, 413)
        assert client.post("/v1/track", json=GOOD, headers=BASIC).status_code == 200
    assert good_ones(folder) == ["quote_started"]


@given(ITEMS, st.data())
@settings(max_examples=100, deadline=None)
def test_no_batch_gives_a_server_error_or_costs_a_good_neighbour(tmp_path_factory, items, data):
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "web").mkdir()
    neighbours_are_kept(folder, items, data.draw(st.integers(0, len(items))))


WHOLE = json.dumps({"batch": [GOOD | {"messageId": "another"}], "sentAt": "2026-03-02T12:00:00Z"})


@st.composite
def torn(draw):
    """A good body with bytes taken out, put in or changed; gzipped before or after, or not."""
    content = bytearray(WHOLE.encode())
    is_packed = draw(st.booleans())
    if is_packed:
        content = bytearray(gzip.compress(bytes(content)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(content)


PATHS = st.sampled_from(["batch", "track", "page", "screen", "identify", "group", "alias", "t"])
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-encoding": st.sampled_from(["gzip", "x-gzip", "br", "identity", "GZIP"]) | PLAIN,
        "content-type": st.sampled_from(["application/json", "multipart/form-data"]) | PLAIN,
        "authorization": st.sampled_from(["Basic", "Basic ====", "Bearer x"]) | PLAIN,
    },
)


@given(
    PATHS, torn() | st.binary(max_size=60) | JSON.map(lambda one: json.dumps(one).encode()), HEADERS
)
@settings(max_examples=60, deadline=None)
def test_no_request_gives_a_server_error_or_costs_a_good_neighbour(
    tmp_path_factory, path, content, headers
):
    any_request_is_answered(tmp_path_factory.mktemp("fuzzed"), path, content, headers)


@pytest.mark.long
@given(
    PATHS,
    torn() | st.binary(max_size=400) | JSON.map(lambda one: json.dumps(one).encode()),
    HEADERS,
)
@settings(max_examples=4_000, deadline=None)
def test_none_of_many_requests_gives_a_server_error(tmp_path_factory, path, content, headers):
    any_request_is_answered(tmp_path_factory.mktemp("fuzzed"), path, content, headers)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(st.lists(ITEMS, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_intake_has_each_line_in_one_place_and_every_good_event(
    tmp_path_factory, batches
):
    folder = tmp_path_factory.mktemp("taken")
    (folder / "web").mkdir()
    with collecting(folder / "web") as client:
        for number, items in enumerate(batches):
            good = {**TRACK, "messageId": f"good {number}"}
            content = json.dumps({"batch": [*items, good]})
            client.post("/v1/batch", content=content, headers=BASIC)
    with duckdb.connect() as con:
        prepare(con, [WEB_EVENTS])
        now = wall_clock()
        window = take_in(con, landing=folder, sources=[WEB_EVENTS], feeds=[], now=now)
        found = con.execute("select event_id from raw.web_events").fetchall()
    assert {f"good {n}" for n in range(len(batches))} <= {one for (one,) in found}
    counts = window.counts
    assert counts.rows_read == len(lines(folder / "web"))
    assert counts.rows_read == (
        counts.rows_loaded + counts.rows_duplicate + counts.rows_unchanged + counts.rows_quarantined
    )


def test_a_line_is_synced_before_it_is_answered_and_groups_share_a_sync(tmp_path):
    synced = []

    async def many():
        segments = Segments(tmp_path, "events", sync=lambda fd: synced.append(os.fstat(fd).st_size))
        await asyncio.gather(*(segments.append(b"{}\n", 1) for _ in range(200)))
        await segments.close()
        return segments.written

    written = asyncio.run(many())
    assert written.events == 200 and synced[-1] == 600
    assert len(synced) < 20


def test_two_collectors_of_one_folder_write_to_segments_of_their_own_and_lose_nothing(tmp_path):
    async def both():
        pair = [Segments(tmp_path, "events"), Segments(tmp_path, "events")]
        named = [(f'{{"event_id": "{who}-{n}"}}\n', pair[who]) for n in range(50) for who in (0, 1)]
        await asyncio.gather(*(one.append(line.encode(), 1) for line, one in named))
        for one in pair:
            await one.close()

    asyncio.run(both())
    assert len(list(tmp_path.glob("events-*.jsonl"))) == 2
    kept = sorted(row["event_id"] for row in lines(tmp_path))
    assert kept == sorted(f"{who}-{n}" for n in range(50) for who in (0, 1))


def test_a_full_disk_is_told_and_leaves_no_half_of_what_was_refused(tmp_path):
    failing = True

    def sync(_fd):
        if failing:
            raise OSError(28, "No space left on device")

    async def refused_then_taken():
        nonlocal failing
        segments = Segments(tmp_path, "events", sync=sync)
        with pytest.raises(NoRoomError, match="No space left"):
            await segments.append(b'{"n": 1}\n', 1)
        failing = False
        await segments.append(b'{"n": 2}\n', 1)
        await segments.close()

    asyncio.run(refused_then_taken())
    assert lines(tmp_path) == [{"n": 2}]


def test_beyond_what_may_wait_nothing_is_taken(tmp_path):
    async def too_much():
        segments = Segments(tmp_path, "events", most_waiting=10)
        first = asyncio.create_task(segments.append(b"12345678\n", 1))
        await asyncio.sleep(0)
        with pytest.raises(NoRoomError, match="too much waits"):
            await segments.append(b"12345678\n", 1)
        await first
        await segments.close()

    asyncio.run(too_much())


def test_a_full_collector_asks_to_send_again(client, monkeypatch):
    async def none(*_):
        raise NoRoomError("the disk takes nothing")

    monkeypatch.setattr(Segments, "append", none)
    answer = client.post("/v1/track", json=TRACK, headers=BASIC)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    monkeypatch.undo()
    assert client.post("/v1/track", json=TRACK, headers=BASIC).status_code == 200
    assert len(lines(client.folder)) == 1


def test_write_keys_and_source_are_read_from_the_environment(tmp_path):
    environ = {
        "BATON_WRITE_KEYS": "web:12345678, app:abcdefgh",
        "BATON_COLLECT_SOURCE": "app.calls",
    }
    found = CollectSettings.from_environment(environ, tmp_path, SOURCES)
    assert found == CollectSettings(
        {"12345678": "web", "abcdefgh": "app"}, tmp_path / "app", "calls"
    )
    assert CollectSettings.from_environment({}, tmp_path, SOURCES) is None


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"BATON_WRITE_KEYS": "web"}, "BATON_WRITE_KEYS"),
        ({"BATON_WRITE_KEYS": "web:short"}, "BATON_WRITE_KEYS"),
        ({"BATON_COLLECT_SOURCE": "events"}, "BATON_COLLECT_SOURCE"),
        ({"BATON_COLLECT_SOURCE": "web.evnts"}, "did you mean `web.events`"),
    ],
)
def test_wrong_settings_are_named(tmp_path, changed, where):
    with pytest.raises(UsageError, match=where):
        environ = {"BATON_WRITE_KEYS": "web:12345678", **changed}
        CollectSettings.from_environment(environ, tmp_path, SOURCES)
    assert list(tmp_path.iterdir()) == []
