import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from claiming import claim_once
from starlette.testclient import TestClient
from visitors import DAY, KEYS, NOW, blocks, mail, own_link, statements, text

from baton.journal import Journal, sqlite
from baton.serve.app import create_app

FORM = "application/x-www-form-urlencoded"
BODY = "List-Unsubscribe=One-Click"
NOES = [("email", "marketing", False), ("email", "sales", False)]
MULTIPART = (
    '--{0}\r\nContent-Disposition: form-data; name="List-Unsubscribe"{1}\r\n\r\n'
    "One-Click\r\n--{0}--"
)


@pytest.fixture
def click(client, token):
    def post(body=BODY, content_type=FORM, **headers):
        given = {"content-type": content_type} if content_type else {}
        return client.post(f"/u/{token}", content=body, headers=given | headers)

    return post


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (BODY, FORM),
        (BODY, f"{FORM}; charset=utf-8"),
        (BODY, f"{FORM};charset=UTF-8"),
        (BODY + "\r\n", FORM.upper()),
        (BODY, None),
        ("List-Unsubscribe=One%2DClick", FORM),
        ("list-unsubscribe=one-click", FORM),
        (f"a=1&{BODY}&b=%E4&c", FORM),
        (MULTIPART.format("b1", ""), "multipart/form-data; boundary=b1"),
        (MULTIPART.format("b 2", "\r\nContent-Type: text/plain; charset=utf-8"),
         'multipart/form-data; boundary="b 2"'),
        ("preamble\r\n" + MULTIPART.format("b3", "") + "\r\nepilogue",
         "Multipart/Form-Data; BOUNDARY=b3"),
        ('--b4\r\nContent-Disposition: form-data; name="x"; filename="x.bin"\r\n\r\n\0\xff\r\n'
         + MULTIPART.format("b4", ""), "multipart/form-data; boundary=b4"),
    ],
)  # fmt: skip
def test_one_click_is_understood_as_mailbox_providers_write_it(
    journal, path, click, body, content_type
):
    journal.hand_over([mail()], checked_at=NOW)
    answer = click(body.encode("latin-1"), content_type)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert statements(journal) == NOES
    assert blocks(path) == [("email", "marketing"), ("email", "sales")]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("List-Unsubscribe=", FORM),
        ("List-Unsubscribe=Two-Clicks", FORM),
        ("One-Click=List-Unsubscribe", FORM),
        ("everything=yes", FORM),
        ("&".join("a=1" for _ in range(2000)) + "&" + BODY, FORM),
        ("\0\xff", FORM),
        (BODY, "multipart/form-data"),
        (MULTIPART.format("b1", ""), "multipart/form-data; boundary=b2"),
        ("{}", "application/json"),
    ],
)
def test_another_body_records_nothing(journal, path, click, body, content_type):
    journal.hand_over([mail()], checked_at=NOW)
    assert click(body.encode("latin-1"), content_type).status_code == 400
    assert (statements(journal), blocks(path)) == ([], [])


def nested(depth):
    """A multipart body in a multipart body, and so on."""
    parts = (f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n"
             for n in range(depth))  # fmt: skip
    return "".join(parts)


@pytest.mark.parametrize(
    "body",
    [nested(1000), MULTIPART.format("b0", '; name*=a; name*0=b; name*1="c"'),
     MULTIPART.format("b0", f"; name*{'9' * 5000}=a")],
    ids=["nested", "mixed", "huge"],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", "/choices"])
def test_a_multipart_body_that_the_parser_fails_at_is_not_understood(
    journal, client, token, body, suffix
):
    answer = client.post(
        f"/u/{token}{suffix}",
        content=body,
        headers={"content-type": "multipart/form-data; boundary=b0"},
    )
    assert answer.status_code == 400
    assert statements(journal) == []


def test_a_body_larger_than_a_form_is_refused(journal, click):
    assert click(b"x" * 70_000).status_code == 413
    assert statements(journal) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_scanner_changes_nothing(journal, path, client, token, method):
    journal.hand_over([mail()], checked_at=NOW)
    before = path.with_name(path.name + "-wal").read_bytes()
    for suffix in ("", "/choices", "/choices?act=nothing", f"?{BODY}", "/choices?everything=yes"):
        assert client.request(method, f"/u/{token}{suffix}").status_code == 200
    assert (statements(journal), blocks(path)) == ([], [])
    assert path.with_name(path.name + "-wal").read_bytes() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(client, token, method):
    assert client.request(method, f"/u/{token}").status_code == 405


def test_a_claim_refuses_the_address_from_that_moment_on(journal, click):
    journal.hand_over([mail(), mail(message_id="m2", message_class="sales")], checked_at=NOW)
    click()
    assert claim_once(journal, "shop_mail", 10, NOW) == []
    assert {journal.message(one)["reason"] for one in ("m1", "m2")} == {"opted_out"}


def test_what_the_person_needs_still_comes_after_one_click(journal, click):
    journal.hand_over([mail(message_class="transactional", consent_at=None)], checked_at=NOW)
    click()
    assert [one.message_id for one in claim_once(journal, "shop_mail", 10, NOW)] == ["m1"]


def test_other_brands_addresses_and_channels_are_not_blocked(journal, click):
    others = [
        mail(message_id="m2", brand="outlet", contact_point_id="cp1"),
        mail(message_id="m3", contact_point_id="cp3", address="bob@mail.example", node_id="n3"),
    ]
    journal.hand_over([mail(), *others, text()], checked_at=NOW)
    click()
    claimed = [one.message_id for one in claim_once(journal, "shop_mail", 10, NOW)]
    assert sorted(claimed) == ["m2", "m3"]
    assert len(claim_once(journal, "sms_gateway", 10, NOW)) == 1


def test_a_newer_yes_known_to_the_warehouse_lifts_the_block(journal, click):
    journal.hand_over([mail()], checked_at=NOW)
    click()
    later = NOW + timedelta(minutes=10)
    journal.set_simulated_time(later)
    yes = mail(message_id="m2", consent_at=NOW + timedelta(minutes=5))
    journal.hand_over([yes], checked_at=later)
    assert [one.message_id for one in claim_once(journal, "shop_mail", 10, later)] == ["m2"]


def test_a_click_about_an_address_that_the_journal_does_not_know_holds_for_the_first_message(
    click, journal
):
    assert click().status_code == 200
    journal.hand_over([mail()], checked_at=NOW)
    assert claim_once(journal, "shop_mail", 1, NOW) == []
    journal.hand_over([mail(message_id="m2", consent_at=NOW + DAY)], checked_at=NOW)
    assert [one.message_id for one in claim_once(journal, "shop_mail", 1, NOW)] == ["m2"]


def test_a_click_beats_the_yes_of_before_also_when_the_clock_was_set_back_since(click, journal):
    before = NOW + timedelta(hours=3)
    journal.hand_over([mail(consent_at=before, expires_at=before + 2 * DAY)], checked_at=before)
    assert click().status_code == 200
    for at in (NOW, before, before + timedelta(minutes=10)):
        assert claim_once(journal, "shop_mail", 1, at) == []


def test_a_click_at_the_instant_of_the_yes_is_a_no(journal, click):
    journal.hand_over([mail(consent_at=NOW)], checked_at=NOW)
    click()
    assert claim_once(journal, "shop_mail", 10, NOW) == []


def test_a_statement_says_where_it_comes_from_and_holds_no_personal_value(journal, click):
    journal.hand_over([mail()], checked_at=NOW)
    click(**{"user-agent": "Mozilla/5.0 planted", "x-forwarded-for": "192.0.2.7"})
    row = journal.feed("statements", 0)[0]
    assert list(row) == [
        "seq",
        "statement_id",
        "contact_point_id",
        "node_id",
        "channel",
        "purpose",
        "brand",
        "granted",
        "stated_at",
        "origin",
        "proof",
        "message_id",
    ]
    assert (row["contact_point_id"], row["node_id"], row["message_id"]) == ("cp1", "an1", "m1")
    assert (row["origin"], row["brand"]) == ("one_click", "main")
    assert row["proof"].startswith("link ")
    assert row["proof"].endswith("client browser")
    for planted in ("planted", "192.0.2.7", "mail.example"):
        assert planted not in str(row)


def test_every_click_is_on_record_and_none_is_older_than_the_last(journal, click):
    journal.hand_over([mail()], checked_at=NOW)
    assert [click().status_code for _ in range(3)] == [200] * 3
    times = [row["stated_at"] for row in journal.feed("statements", 0)]
    assert times == sorted(times)
    assert len(set(times)) == 3


def test_an_address_the_journal_never_wrote_to_is_stated_all_the_same(journal, path, click):
    assert click().status_code == 200
    assert statements(journal) == NOES
    assert blocks(path) == []


def test_a_tampered_or_foreign_token_gets_a_page_that_tells_nothing(journal, client, token):
    foreign = replace(own_link(), contact_point_id="cp9")
    other = KEYS.sign(foreign).split(".")[0] + "." + token.split(".")[1]
    pages = set()
    for bad in (other, token[:-1], "x", "a.b", "%00", "é", "x" * 5000):
        for answer in (client.get(f"/u/{bad}"), client.post(f"/u/{bad}", content=BODY)):
            assert answer.status_code == 404
            pages.add(answer.text)
    assert len(pages) == 1
    assert "There is nothing here." in pages.pop()
    assert statements(journal) == []


@pytest.mark.parametrize(("days", "status"), [(729, 200), (731, 410)])
def test_a_link_in_a_printed_mail_holds_two_years(journal, client, days, status):
    at = own_link().issued_at - timedelta(days=days)
    old = KEYS.sign(own_link(issued_at=at))
    assert client.get(f"/u/{old}").status_code == status
    assert client.post(f"/u/{old}", content=BODY).status_code == status
    assert bool(statements(journal)) == (status == 200)


def test_concurrent_clicks_are_each_recorded_once(path, journal, settings):
    people = range(24)
    journal.hand_over(
        [
            mail(
                message_id=f"m{n}",
                contact_point_id=f"cp{n}",
                address=f"ann{n}@mail.example",
                person_id=f"p{n}",
                node_id=f"n{n}",
            )
            for n in people
        ],
        checked_at=NOW,
    )
    tokens = [KEYS.sign(own_link(contact_point_id=f"cp{n}", message_id=f"m{n}")) for n in people]
    with TestClient(create_app(journal, settings)) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: client.post(f"/u/{one}", content=BODY), tokens * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert len(statements(journal)) == len(blocks(path)) == 2 * len(answers)


def test_a_click_gets_its_turn_while_a_long_hand_over_goes_on(
    journal, path, settings, token, monkeypatch
):
    journal.hand_over([mail()], checked_at=NOW)
    many = [mail(message_id=f"m{n}", person_id=f"p{n}") for n in range(3_000)]
    between, answered = threading.Event(), threading.Event()

    def let_others_in(_):
        between.set()
        assert answered.wait(60)

    monkeypatch.setattr(sqlite.Sqlite, "let_others_in", let_others_in)
    with (
        Journal.open(path) as batch,
        TestClient(create_app(journal, settings)) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        going_on = pool.submit(batch.hand_over, many, checked_at=NOW)
        assert between.wait(60)
        answer = client.post(f"/u/{token}", content=BODY)
        is_under_way = not going_on.done()
        answered.set()
        going_on.result(60)
    assert (answer.status_code, is_under_way) == (200, True)


def test_a_journal_that_stays_locked_is_told_with_a_time_to_try_again(path, journal, click):
    journal.hand_over([mail()], checked_at=NOW)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    answer = click()
    other.execute("rollback")
    other.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "set-cookie" not in answer.headers
    assert statements(journal) == []
    assert click().status_code == 200


def test_a_statement_without_its_block_does_not_stay(path, journal, click):
    journal.hand_over([mail()], checked_at=NOW)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create trigger full before insert on address_blocks "
            "begin select raise(abort, 'disk full'); end"
        )
    answer = click()
    assert answer.status_code == 500
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "disk full" not in answer.text
    assert (statements(journal), blocks(path)) == ([], [])
