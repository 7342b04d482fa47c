"""A service desk that nobody wrote a module for, connected by roundup.yml alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from between import Between
from running_servers import configured, free_port, hand_over, tell
from sync_ground import CONTEXTS, NOON, RELATIONS, Warehouse

from activation import send
from activation.exchange import Change
from activation.syncs import Ground, run_syncs
from activation.syncs.declared import Mapped

pytestmark = pytest.mark.long
USER, PASSWORD = "admin", "desk-of-the-tests"


class Desk:
    """The desk as its own staff sees it."""

    def __init__(self, url):
        self.url = url

    def call(self, path, method="GET", body=None, **headers):
        own = {"Origin": self.url, "X-Requested-With": "staff", **headers}
        url, auth = f"{self.url}/rest/data{path}", (USER, PASSWORD)
        answer = httpx.request(method, url, json=body, headers=own, auth=auth, timeout=20)
        return answer.raise_for_status().json()["data"], answer.headers

    def text_of(self, number):
        return self.call(f"/msg/{number}?@verbose=3")[0]["attributes"]["content"]

    def all(self, kind, **wanted):
        query = "&".join(f"{name}:={value}" for name, value in wanted.items())
        rows = self.call(f"/{kind}?{query}")[0]["collection"]
        return [self.call(f"/{kind}/{row['id']}")[0]["attributes"] for row in rows]


@pytest.fixture(scope="module")
def desk(installed, tmp_path_factory):
    home, port = tmp_path_factory.mktemp("roundup"), free_port()
    options = f"tracker_web=http://127.0.0.1:{port}/,mail_domain=desk.example,"
    options += "mail_host=127.0.0.1,mail_debug=/dev/null,rdbms_backend=sqlite"
    admin = ("roundup-admin", "-i", home / "tracker")
    installed.run(*admin, "install", "classic", "sqlite", options, cwd=home)
    installed.run(*admin, "initialise", PASSWORD, cwd=home)
    script = Path(__file__).with_name("roundup_desk.py")
    url = f"http://127.0.0.1:{port}"
    with installed.start("python", script, home / "tracker", port, cwd=home, ready=url):
        yield Desk(url)


@pytest.fixture
def between(desk):
    with Between(desk.url) as proxy:
        yield proxy


@pytest.fixture
def environment(desk, between):
    return {
        "DESK_URL": between.url,
        "DESK_ORIGIN": desk.url,
        "DESK_USER": USER,
        "DESK_PASSWORD": PASSWORD,
    }


@pytest.fixture
def destination(environment):
    return configured("roundup", environment).destination("service_desk")


def test_a_hand_over_becomes_an_issue_with_its_note(desk, journal, environment):
    journal.hand_over([hand_over(1, "service_desk")], checked_at=journal.now())
    report = send(journal, configured("roundup", environment), now=journal.now)
    assert report.states == {"accepted": 1}
    issues = desk.all("issue")
    (issue,) = [one for one in issues if one["title"] == "Call Ann-Sophie about quote Q-1"]
    (note,) = issue["messages"]
    text = desk.text_of(note["id"])
    assert text.startswith("Ann-Sophie asked Shop for a quote for Oak & <Ash> kitchen, worth")
    assert '"quote_id": "Q-1"' in text
    (customer,) = desk.all("user", username="person-1")
    assert customer["username"] == "person-1"


@pytest.mark.parametrize("lost", ["/rest/data/user", "/rest/data/msg", "/rest/data/issue"])
def test_a_lost_answer_is_tried_again_and_makes_nothing_twice(
    desk, journal, environment, between, lost
):
    number = {"/rest/data/user": 11, "/rest/data/msg": 12, "/rest/data/issue": 13}[lost]
    journal.set_simulated_time(journal.now())
    journal.hand_over([hand_over(number, "service_desk")], checked_at=journal.now())
    between.lose("POST", lost)
    config = configured("roundup", environment)
    assert send(journal, config, now=journal.now).states == {"retry": 1}
    journal.set_simulated_time(journal.now() + timedelta(minutes=5))
    assert send(journal, config, now=journal.now).states == {"accepted": 1}
    issues = [one for one in desk.all("issue") if one["title"].endswith(f"Q-{number}")]
    notes = desk.all("msg", messageid=f"msg-{number}")
    customers = desk.all("user", username=f"person-{number}")
    assert (len(issues), len(notes), len(customers)) == (1, 1, 1)
    assert between.count("POST", lost) == 1


def test_customers_are_made_changed_under_their_etag_and_retired(desk, destination):
    row = Change("person-21", "upsert", {"name": "Ann", "email": "ann21@mail.example"})
    (made,) = tell(destination, "profiles", row)
    (changed,) = tell(destination, "profiles", Change("person-21", "upsert", {"name": "Anna"}))
    assert (made.outcome, changed.outcome) == ("accepted", "accepted")
    assert made.provider_id == changed.provider_id
    (customer,) = desk.all("user", username="person-21")
    assert (customer["realname"], customer["address"]) == ("Anna", "ann21@mail.example")
    for reason in ("http 200", "nothing_to_do"):
        (removed,) = tell(destination, "profiles", Change("person-21", "remove"))
        assert (removed.outcome, removed.reason) == ("accepted", reason)
    assert desk.all("user", username="person-21") == []


def test_what_staff_changed_in_between_is_not_overwritten_unseen(desk, destination, between):
    tell(destination, "profiles", Change("person-31", "upsert", {"name": "Ann"}))
    (row,) = desk.call("/user?username:=person-31")[0]["collection"]
    path = f"/user/{row['id']}"

    def staff_changes_it():
        etag = desk.call(path)[1]["ETag"]
        desk.call(path, "PATCH", {"realname": "Mrs Oak"}, **{"If-Match": etag})

    between.meanwhile("GET", f"/rest/data{path}", staff_changes_it)
    (verdict,) = tell(destination, "profiles", Change("person-31", "upsert", {"name": "Anna"}))
    assert (verdict.outcome, verdict.reason) == ("not_sent", "http 412")
    (customer,) = desk.all("user", username="person-31")
    assert customer["realname"] == "Mrs Oak"


def test_a_wrong_password_switches_the_desk_off_loses_nothing_and_is_shown_nowhere(
    journal, environment, caplog
):
    journal.hand_over([hand_over(41, "service_desk")], checked_at=journal.now())
    wrong = configured("roundup", {**environment, "DESK_PASSWORD": "planted-secret"})
    report = send(journal, wrong, now=journal.now)
    assert report.states == {"retry": 1}
    assert [one.value for one in journal.switches()] == ["service_desk"]
    assert "planted-secret" not in caplog.text + str(journal.attempts("msg-41"))


def mapped(*names):
    return tuple(Mapped(name, name, "skip", is_personal=False) for name in names)


NOTES = replace(
    CONTEXTS,
    destination="service_desk",
    fields=mapped("handoff_id", "person_id", "summary"),
)
ACTIONS = replace(
    NOTES,
    name="actions",
    purpose="actions",
    model="decided",
    key=("message_id",),
    fields=mapped("message_id", "person_id", "action", "outcome", "state"),
)


@pytest.fixture
def warehouse():
    made = Warehouse()
    made.con.execute(
        "create table decided (message_id varchar, person_id varchar, action varchar,"
        " outcome varchar, state varchar)"
    )
    yield made
    made.con.close()


@pytest.fixture
def at(journal, warehouse, destination):
    return Ground(
        ledger=journal.syncs,
        journal=journal,
        now=lambda: NOON,
        warehouse=warehouse.opened,
        relations=lambda sync: replace(RELATIONS, model=sync.model),
        destination=lambda _sync: destination,
    )


def counts(sync, at):
    (report,) = run_syncs([sync], at)
    assert report.state == "done", report
    return {name: number for name, number in report.counts.items() if number}


@pytest.mark.parametrize("is_context_first", [True, False])
def test_a_context_stands_in_the_note_of_its_hand_over_whichever_comes_first(
    desk, environment, at, warehouse, is_context_first
):
    journal, number = at.journal, 51 if is_context_first else 52
    warehouse.hold("handed", [(f"msg-{number}", f"person-{number}", "Wants: a kitchen.")])
    if is_context_first:
        assert counts(NOTES, at) == {"told": 1}
    journal.hand_over([hand_over(number, "service_desk")], checked_at=journal.now())
    report = send(journal, configured("roundup", environment), now=journal.now)
    assert report.states == {"accepted": 1}
    assert counts(NOTES, at) == ({"unchanged": 1} if is_context_first else {"told": 1})
    (issue,) = [one for one in desk.all("issue") if one["title"].endswith(f"Q-{number}")]
    (note,) = issue["messages"]
    assert desk.text_of(note["id"]) == "Wants: a kitchen."
    assert len(desk.all("user", username=f"person-{number}")) == 1


def test_a_context_is_told_once_per_change_and_taken_back_from_whom_nothing_may_be_said(
    desk, at, warehouse, between
):
    row = ("handoff-61", "person-61", "Wants: a kitchen.")
    warehouse.hold("handed", [row])
    between.lose("POST", "/rest/data/msg")
    assert counts(NOTES, at) == {"told": 1}
    assert len(desk.all("msg", messageid="handoff-61")) == between.count("POST", "/rest/data/msg")
    warehouse.hold("handed", [(*row[:2], "Wants: a kitchen. Has called.")])
    assert counts(NOTES, at) == {"told": 1}
    assert counts(NOTES, at) == {"unchanged": 1}
    (note,) = desk.call("/msg?messageid:=handoff-61")[0]["collection"]
    assert desk.text_of(note["id"]) == "Wants: a kitchen. Has called."
    warehouse.hold("handed", [row, ("handoff-62", "person-62", "Wants: a call.")])
    warehouse.hold("suppressed", [("person-61",)])
    assert counts(NOTES, at) == {"told": 1, "taken_back": 1}
    assert desk.all("msg", messageid="handoff-61") == []


def test_a_decided_action_is_one_record_that_follows_its_state(desk, at, warehouse, between):
    action = ("action-71", "person-71", "remind", "send")
    warehouse.hold("decided", [(*action, "claimed")])
    between.lose("POST", "/rest/data/msg")
    assert counts(ACTIONS, at) == {"told": 1}
    warehouse.hold("decided", [(*action, "accepted")])
    assert counts(ACTIONS, at) == {"told": 1}
    (record,) = desk.call("/msg?messageid:=action-71")[0]["collection"]
    assert desk.text_of(record["id"]) == "remind, send: accepted"
