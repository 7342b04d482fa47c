"""The service over a journal on PostgreSQL, as a process of its own."""

from datetime import timedelta

import httpx
import pytest
from claiming import claim_once
from service import Service
from visitors import KEYS, NOW, READER, mail, own_link, statements

from baton.journal import Context, Journal


@pytest.fixture
def url(postgres):
    with postgres.database() as made:
        yield made


@pytest.fixture
def journal(url):
    with Journal.open(url) as opened:
        opened.set_simulated_time(NOW)
        yield opened


@pytest.mark.long
def test_one_click_blocks_the_address_and_a_newer_yes_lifts_it(url, journal):
    journal.hand_over([mail()], checked_at=NOW)
    with Service(url) as service:
        page = f"{service.url}/u/{KEYS.sign(own_link())}"
        answer = httpx.post(page, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "checkbox" in httpx.get(page).text
    assert statements(journal) == [("email", "marketing", False), ("email", "sales", False)]
    assert claim_once(journal, "shop_mail", 9, NOW) == []
    later = NOW + timedelta(minutes=1)
    journal.hand_over([mail(message_id="m2", consent_at=later)], checked_at=later)
    assert [one.message_id for one in claim_once(journal, "shop_mail", 9, later)] == ["m2"]


@pytest.mark.long
def test_a_context_is_found_by_any_key_replaced_and_blanked_and_each_reading_is_on_record(
    url, journal
):
    def publish(minutes, **changes):
        given = {"wanted": "an oak kitchen"} | changes
        as_of = NOW + timedelta(minutes=minutes)
        journal.publish_contexts([Context("p1", ("n1",), (("crm_contact", "C17"),), given, as_of)])

    headers = {"authorization": f"Bearer {READER[0]}"}
    with Service(url, BATON_API_KEYS=READER[1]) as service:
        for key in ("p1", "n1", "C17"):
            publish(0)
            found = httpx.get(f"{service.url}/v1/contexts/{key}", headers=headers)
            assert found.json()["context"]["wanted"] == "an oak kitchen"
        publish(2, wanted="a garden")
        publish(1, wanted="something older")
        newer = httpx.get(f"{service.url}/v1/contexts/p1", headers=headers)
        assert newer.json()["context"]["wanted"] == "a garden"
        journal.publish_contexts([Context("p1", (), (), None, NOW + timedelta(minutes=3))])
        assert httpx.get(f"{service.url}/v1/contexts/p1", headers=headers).status_code == 404
    assert [row["outcome"] for row in journal.accesses("p1")] == ["found"] * 4
