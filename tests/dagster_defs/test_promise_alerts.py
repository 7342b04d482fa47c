"""One alert per broken promise, by one of our own destinations: on a real instance and receiver."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from activation import alerts
from activation.config import Destination
from baton.promises import Promise, Speed
from dagster_defs import speed
from dagster_defs.defs.promises.alerts import promise_alerts

SECRET = "whsec_" + base64.b64encode(b"a secret of the test").decode()
SLOW = Promise("claimed", "email", 5.0, 8.25, 120, is_broken=True)
QUICK = Promise("claimed", "email", 5.0, 1.5, 120, is_broken=False)
STALE = Promise("delivered", "web.events", 7200.0, None, None, is_broken=True)


class Receiver:
    """A webhook receiver that answers with `status` and keeps what it was told."""

    def __init__(self) -> None:
        self.status = 200
        self.told: list[tuple[str, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                receiver.told.append((self.headers["webhook-id"], body["data"]))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    @property
    def titles(self) -> list[str]:
        return [data["title"] for _, data in self.told]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver at work."""
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Watched:
    """An instance on which checks are reported, and the sensor that reads them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None

    def tick(self, *found: Promise) -> None:
        """Report what was found, if anything, and let the sensor look until what is new is told."""
        self.report(*found)
        self.look()
        self.look()

    def report(self, *found: Promise) -> None:
        """Report what was found."""
        for one in speed.evaluations(Speed(found, {})):
            self.instance.report_runless_asset_event(one)

    def look(self, *, is_lost: bool = False) -> None:
        """Let the sensor look once; lost, its cursor is not kept."""
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            assert isinstance(promise_alerts(context), dg.SkipReason)
            self.cursor = self.cursor if is_lost else context.cursor


@pytest.fixture
def watched(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    """The sensor with alerts that go to the receiver."""
    told_by(tmp_path, receiver, monkeypatch, "{destination: desk}")
    with dg.instance_for_test() as instance:
        yield Watched(instance)


def told_by(folder: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, alerts: str) -> None:
    """Declare the receiver as a destination, and who hears of alerts."""
    url = f"http://127.0.0.1:{receiver.server.server_address[1]}/"
    file = folder / "destinations.yml"
    file.write_text(
        f"alerts: {alerts}\ndestinations:\n"
        f"  desk: {{type: webhook, event_type: alert, url: '{url}', secret: '{SECRET}'}}\n"
    )
    monkeypatch.setenv("BATON_DESTINATIONS", str(file))


def test_a_breach_is_told_once_and_its_end_once(watched: Watched, receiver: Receiver) -> None:
    watched.tick(QUICK)
    assert receiver.told == []
    watched.tick(SLOW)
    assert receiver.titles == ["A promise is broken"]
    text = receiver.told[0][1]["text"]
    assert "email: 19 of 20 messages claimed within 5 s" in text
    assert "8.2 s (of 120)" in text

    watched.tick(SLOW)
    watched.tick()
    assert len(receiver.told) == 1, "still broken is no news"

    watched.tick(QUICK)
    watched.tick(QUICK)
    assert receiver.titles == ["A promise is broken", "Kept again"]

    watched.tick(SLOW)
    assert receiver.titles[2:] == ["A promise is broken"]
    assert len({told_id for told_id, _ in receiver.told}) == 3


def test_two_breaches_are_two_alerts(watched: Watched, receiver: Receiver) -> None:
    watched.tick(SLOW, STALE)
    assert len(receiver.told) == 2
    watched.tick(QUICK, STALE)
    assert receiver.titles[2:] == ["Kept again"]


def test_what_the_tool_did_not_take_is_told_again_under_the_same_id(
    watched: Watched, receiver: Receiver
) -> None:
    receiver.status = 503
    watched.report(SLOW)
    watched.look()
    watched.look()
    receiver.status = 200
    watched.tick()
    watched.tick()
    (first, _), (second, _) = receiver.told
    assert first == second


def test_what_was_told_by_a_tick_that_did_not_end_is_told_again_under_the_same_id(
    watched: Watched, receiver: Receiver
) -> None:
    watched.report(SLOW)
    watched.look(is_lost=True)
    assert receiver.told == [], "an id that nobody keeps is not sent"
    watched.look()
    watched.look(is_lost=True)
    watched.look()
    (first, _), (second, _) = receiver.told
    assert first == second
    watched.tick()
    assert len(receiver.told) == 2


def test_what_cannot_be_sent_is_tried_again_and_hides_no_other(
    watched: Watched, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, tried = alerts.send_directly, list[str]()

    def fails_once(destination: Destination, own: alerts.Own) -> object:
        tried.append(own.message_id)
        if len(tried) == 1:
            raise RuntimeError
        return send(destination, own)

    monkeypatch.setattr(alerts, "send_directly", fails_once)
    watched.report(SLOW, STALE)
    watched.look()
    watched.look()
    assert [told_id for told_id, _ in receiver.told] == tried[1:]
    watched.look()
    assert tried[2:] == tried[:1]
    assert len(receiver.told) == 2


def test_a_breach_that_ended_before_anybody_heard_of_it_is_not_told(
    watched: Watched, receiver: Receiver
) -> None:
    receiver.status = 503
    watched.report(SLOW)
    watched.look()
    watched.look()
    receiver.status = 200
    watched.tick(QUICK)
    assert len(receiver.told) == 1


def test_a_check_that_a_run_has_only_planned_heals_nothing(
    watched: Watched, receiver: Receiver
) -> None:
    watched.tick(SLOW)
    key = next(iter(speed.evaluations(Speed((SLOW,), {})))).asset_check_key

    @dg.asset_check(asset=key.asset_key, name=key.name)
    def breaks_down() -> dg.AssetCheckResult:
        raise RuntimeError

    job = dg.Definitions(
        asset_checks=[breaks_down],
        jobs=[dg.define_asset_job("check", dg.AssetSelection.all_asset_checks())],
    ).resolve_job_def("check")
    job.execute_in_process(instance=watched.instance, raise_on_error=False)
    watched.tick()
    assert receiver.titles == ["A promise is broken"]


def test_promises_that_nobody_looks_at_any_more_are_an_alert(
    watched: Watched, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by(tmp_path, receiver, monkeypatch, "{destination: desk, silent_after_minutes: 1.0e-6}")
    watched.tick()
    assert receiver.told == [], "before anybody ever looked nothing is missed"
    watched.tick(QUICK)
    assert "nobody has looked" in receiver.told[0][1]["text"]


def test_without_a_destination_for_alerts_the_sensor_says_what_to_write(
    watched: Watched, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by(tmp_path, receiver, monkeypatch, "null")
    with pytest.raises(dg.Failure, match=r"alerts: \{destination"):
        watched.tick(SLOW)
    told_by(tmp_path, receiver, monkeypatch, "{destination: nobody}")
    with pytest.raises(dg.Failure, match="is no destination"):
        watched.tick(SLOW)
