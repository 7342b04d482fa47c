"""A CRM without upsert, connected by tryton.yml alone."""

import hashlib
import json
import shutil
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from between import Between
from running_servers import configured, free_port, hand_over, tell

from activation import send
from activation.exchange import Change

pytestmark = pytest.mark.long
SCRIPT = Path(__file__).with_name("tryton_crm.py")
PINS = Path(__file__).with_name("requirements.txt")


class Crm:
    """The CRM as its own staff sees it."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def find(self, model, field, value, *fields):
        domain = urlsafe_b64encode(json.dumps([[field, "=", value]]).encode()).decode()
        return self._call(model, "GET", params={"d": domain, "f": fields})

    def make(self, model, **values):
        self._call(model, "POST", json=values)

    def _call(self, model, method, **given):
        url, headers = f"{self.url}/crm/rest/model/{model}", {"Authorization": f"Bearer {self.key}"}
        answer = httpx.request(method, url, headers=headers, timeout=20, **given)
        return answer.raise_for_status().json()


def made_once(installed, cache):
    """A database with its key; made in 15 to 90 seconds, and kept for later runs."""
    if (cache / "key").exists():
        return
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    config = write_config(cache, cache, 0)
    (cache / "crm.sqlite").touch()
    (cache / "password").write_text("crm-of-the-tests")
    options = ("-u", "party", "sale_opportunity", "--activate-dependencies", "-l", "en")
    admin = ("trytond-admin", "-c", config, "-d", "crm", "--email", "admin@shop.example", *options)
    installed.run(*admin, cwd=cache, TRYTONPASSFILE=str(cache / "password"))
    key = installed.run("python", SCRIPT, config, cwd=cache)
    (cache / "key").write_text(key.strip())


def write_config(home, databases, port):
    file = home / "trytond.conf"
    file.write_text(
        f"[database]\nuri = sqlite://\npath = {databases}\n[web]\nlisten = 127.0.0.1:{port}\n"
    )
    return file


@pytest.fixture(scope="module")
def crm(installed, tmp_path_factory):
    digest = hashlib.sha256(SCRIPT.read_bytes() + PINS.read_bytes()).hexdigest()[:12]
    cache = installed.home / f"tryton-{digest}"
    made_once(installed, cache)
    home, port = tmp_path_factory.mktemp("tryton"), free_port()
    shutil.copy(cache / "crm.sqlite", home / "crm.sqlite")
    config = write_config(home, home, port)
    url = f"http://127.0.0.1:{port}"
    with installed.start("trytond", "-c", config, "-d", "crm", cwd=home, ready=url):
        yield Crm(url, (cache / "key").read_text())


@pytest.fixture
def between(crm):
    with Between(crm.url) as proxy:
        yield proxy


@pytest.fixture
def config(crm, between):
    return configured("tryton", {"CRM_URL": between.url, "CRM_KEY": crm.key})


def test_a_hand_over_becomes_an_opportunity_of_its_contact_once(crm, journal, config, between):
    journal.set_simulated_time(journal.now())
    journal.hand_over([hand_over(1, "crm"), hand_over(2, "crm")], checked_at=journal.now())
    between.lose("POST", "/crm/rest/model/sale.opportunity")
    assert send(journal, config, now=journal.now).states == {"accepted": 1, "retry": 1}
    journal.set_simulated_time(journal.now() + timedelta(minutes=5))
    assert send(journal, config, now=journal.now).states == {"accepted": 1}
    for number in (1, 2):
        fields = ("description", "comment", "state", "party.code")
        (row,) = crm.find("sale.opportunity", "reference", f"msg-{number}", *fields)
        assert row["description"] == f"Call Ann-Sophie about quote Q-{number}"
        assert "did not submit it" in row["comment"]
        assert (row["state"], row["party"]["code"]) == ("lead", f"person-{number}")


def test_contacts_are_made_once_changed_and_retired(crm, config, between):
    tool = config.destination("crm")
    row = Change("person-9", "upsert", {"name": "Ann O'Kelly & Søn", "email": "ann9@mail.example"})
    between.lose("POST", "/crm/rest/model/party.party")
    (lost,) = tell(tool, "profiles", row)
    (again,) = tell(tool, "profiles", row)
    assert (lost.outcome, again.outcome) == ("ambiguous", "accepted")
    assert between.count("POST", "/crm/rest/model/party.party") == 1
    (contact,) = crm.find("party.party", "code", "person-9", "name", "contact_mechanisms.value")
    assert contact["name"] == "Ann O'Kelly & Søn"
    assert [one["value"] for one in contact["contact_mechanisms"]] == ["ann9@mail.example"]
    (removed,) = tell(tool, "profiles", Change("person-9", "remove"))
    assert (removed.outcome, crm.find("party.party", "code", "person-9")) == ("accepted", [])


def test_what_the_crm_refuses_is_rejected_by_status_and_without_its_words(crm, config, between):
    """Staff makes a contact of the same code after it was looked for: the code must be unique."""
    staff = partial(crm.make, "party.party", code="person-8", name="Made by staff")
    between.meanwhile("GET", "/crm/rest/model/party.party", staff)
    row = Change("person-8", "upsert", {"name": "Ann", "email": "ann8@mail.example"})
    (verdict,) = tell(config.destination("crm"), "profiles", row)
    assert (verdict.outcome, verdict.reason) == ("rejected", "http 400")
    (contact,) = crm.find("party.party", "code", "person-8", "name")
    assert contact["name"] == "Made by staff"
