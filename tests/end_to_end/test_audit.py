"""What a ledger says cannot be changed unseen; what may be removed is not missed."""

import json
import random
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from as_many import as_many_as_fit

from baton.audit.sealing import Sealer, last_link
from baton.audit.timeline import Asked, export, page
from baton.errors import UsageError
from baton.journal import Journal
from baton.journal.ledgers import BY_COPY, JOURNAL_LEDGERS, NO_LEDGER
from baton.journal.schema import metadata
from baton.retention import Retention, tidy
from baton.warehouse import transaction

from .commands import call
from .records import after
from .stories.changed_minds import CONTENT
from .tampering import WAYS, copied, ledgers_of, opened, tamper

EXAMPLES = 10
MANY = 250


@pytest.fixture(scope="module")
def kept(day, tmp_path_factory):
    """A copy of the stores at the end of the day."""
    folder = tmp_path_factory.mktemp("audited") / "stores"
    day.installation.copy_stores(folder)
    return folder


@pytest.fixture(scope="module")
def stores(day, kept, tmp_path_factory):
    """Another one that is open; tests take back what they change."""
    folder = copied(kept, tmp_path_factory.mktemp("open") / "stores")
    with opened(folder, day.installation.batches.dbt) as found:
        yield found


def tampered(stores, seed):
    """Tamper with a random ledger, column and row; what was done, and what the audit says."""
    chance = random.Random(seed)  # noqa: S311
    one = chance.choice(stores.ledgers())
    way = chance.choice(WAYS)
    column = chance.choice(one.columns)
    with stores.undone():
        if not tamper(stores, one, way, column, chance):
            return None
        return one.name, way, column, stores.verify().findings


def test_every_append_only_table_of_the_journal_is_a_ledger_or_says_why_not():
    counted = {table.name for table in metadata.sorted_tables if "seq" in table.c}
    assert counted == JOURNAL_LEDGERS.keys() | BY_COPY | NO_LEDGER


def test_a_day_is_as_it_was_sealed_and_every_ledger_is_looked_at(stores):
    verified = stores.verify()
    assert verified.findings == []
    assert verified.links > 20
    for name in ("decisions", "outbox", "nodes", "raw.journal_message_events", "raw.releases"):
        assert verified.rows[name] > 0
    assert verified.rows["journal.release_activations"] == 1
    assert {one.name for one in stores.ledgers()} <= verified.rows.keys()


def check(stores, seeds):
    """The audit names the ledger of every change; yields its ledger and way.

    A change that changes nothing is none.
    """
    for seed in seeds:
        if found := tampered(stores, seed):
            name, way, column, findings = found
            assert name in ledgers_of(findings), (seed, name, way, column, findings)
            yield name, way


def test_what_was_changed_added_or_removed_is_found_and_its_ledger_named(stores):
    assert len(list(check(stores, range(EXAMPLES)))) >= EXAMPLES // 2


@pytest.mark.long
@pytest.mark.timeout(600)
def test_whatever_row_of_whatever_ledger_is_changed_however_it_is_found(stores):
    wanted = {*WAYS, *(one.name for one in stores.ledgers())}
    seeds = (EXAMPLES + n for n in as_many_as_fit(60, at_most=MANY, until=lambda: not wanted))
    for name, way in check(stores, seeds):
        wanted -= {name, way}
    assert not wanted


@pytest.mark.parametrize(
    "change",
    [
        "update raw.ledger_digests set rows_digest = digest where link = 5",
        "update raw.ledger_digests set marks = '\\x00'::blob where link = 7",
        "delete from raw.ledger_digests where link = 6",
        "delete from raw.ledger_digests where link = (select max(link) from raw.ledger_digests)",
        "update raw.ledger_digests set link = 11 - link where link in (5, 6)",
    ],
)
def test_the_chain_itself_cannot_be_changed(stores, change):
    with stores.undone():
        stores.con.execute(change)
        assert stores.verify().findings


def test_a_digest_kept_elsewhere_says_that_the_chain_was_cut_off_and_made_again(stores):
    head = last_link(stores.con)
    assert stores.verify(kept=head.digest).findings == []
    with stores.undone():
        last = f"link = {head.link}"
        ledger, window = stores.con.execute(
            f"select ledger, window_id from raw.ledger_digests where {last}"
        ).fetchone()
        stores.con.execute(f"delete from raw.ledger_digests where {last}")
        stores.con.execute("delete from raw.ledger_heads where ledger = ?", [ledger])
        stores.con.execute(
            "insert into raw.ledger_heads select ledger, link, to_position, digest "
            "from raw.ledger_digests where ledger = ? order by link desc limit 1",
            [ledger],
        )
        assert window
        assert "chain" in ledgers_of(stores.verify(kept=head.digest).findings)


@pytest.mark.parametrize(
    ("ledger", "change"),
    [
        ("journal.release_activations", "update release_activations set reason = 'none'"),
        ("journal.release_activations", "delete from release_activations"),
        ("journal.address_blocks", "update address_blocks set stated_at = recorded_at, kind = 'x'"),
        ("journal.message_events", "update message_events set state = 'held' where seq = 2"),
        ("journal.message_events", "update message_events set set_by = 'me' where seq = 1"),
        ("journal.message_events", "delete from message_events where seq = 3"),
    ],
)
def test_the_journal_cannot_be_changed_unseen(day, kept, tmp_path, ledger, change):
    folder = copied(kept, tmp_path / "stores")
    with sqlite3.connect(folder / "baton.journal.db") as journal:
        assert journal.execute(change).rowcount
    with opened(folder, day.installation.batches.dbt) as found:
        assert ledger in ledgers_of(found.verify().findings)


STATEMENT = """
insert into statements (statement_id, act_id, contact_point_id, node_id, channel, brand, granted,
    stated_at, origin, proof, recorded_wall_at)
values ('s', 'a', 'cp', 'n', 'email', 'main', 0, '2026-03-02 16:00:00', 'o', 'p',
    '2026-03-02 16:00:00')
"""
ERASURE = """
insert into erasures (erasure_id, person_ids, node_ids, reason, set_by, erased_at,
    recorded_wall_at, sync_keys, kept_syncs)
values ('e', '[]', '["n"]', 'asked', 'me', '2026-03-02 16:00:00', '2026-03-02 16:00:00', '[]', '[]')
"""


def test_a_statement_in_the_journal_is_severed_without_breaking_its_seal(day, kept, tmp_path):
    folder = copied(kept, tmp_path / "stores")
    sealer = Sealer(day.installation.batches.dbt)
    file = folder / "baton.journal.db"

    def write(change):
        with sqlite3.connect(file) as connection:
            connection.execute(change)

    with opened(folder, day.installation.batches.dbt) as stores, Journal.open(file) as journal:
        write(STATEMENT)
        write(ERASURE)
        (window,) = [day.batches[160].window]
        with transaction(stores.con):
            sealer.seal(stores.con, replace(window, from_seq=window.to_seq, window_id=0),
                        sealer.look(stores.con, journal))  # fmt: skip
        assert stores.verify().rows["journal.statements"] == 1
        sealer.burial(stores.con, journal).of_journal(stores.con, ["n"], "e")
        assert stores.verify().findings == [], "noted, and not severed yet"
        write("update statements set node_id = '', contact_point_id = ''")
        assert stores.verify().findings == []
        write("update statements set node_id = 'other'")
        assert ledgers_of(stores.verify().findings) == {"journal.statements"}


def test_what_tidying_removes_from_the_journal_is_not_missed(shop, kept, tmp_path):
    folder = copied(kept, tmp_path / "stores")
    project = shop.project_in(folder)
    later = after(0) + timedelta(days=200)
    with Journal.open(project.journal) as journal:
        journal.set_simulated_time(later)
        removed = tidy(project, journal, Retention(journal_days=30), now=later)
    assert removed["message_events"] > 0
    with opened(folder, shop.dbt) as found:
        assert found.verify().findings == []


def audit(shop, day, *arguments):
    environment = day.installation.environment()
    result = call(shop.root, environment, "audit", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_time_line_of_a_customer_runs_from_decision_to_outcome(shop, day):
    told = audit(shop, day, "--customer", CONTENT.email)["entries"]
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)
    assert {one["kind"] for one in told} >= {"decision", "message"}
    assert {one["person_id"] for one in told if one["kind"] != "identity"} != set()
    sent = [one for one in told if one["what"] == "accepted"]
    assert sent
    assert all(one["release_id"] and one["attempt_id"] for one in sent)
    text = json.dumps(told)
    assert CONTENT.email not in text
    assert CONTENT.name.title() not in text


@pytest.fixture(scope="module")
def told(stores):
    """Asks for pages of the whole day, and for its export."""
    with Journal.open(stores.journal_file) as journal:
        yield (
            lambda limit, after: page(stores.con, journal, stores.dbt, Asked(after=after), limit),
            lambda file: export(stores.con, journal, stores.dbt, Asked(), str(file)),
        )


def test_pages_tell_every_line_once(told):
    whole = told[0](10_000, None)
    assert whole.after is None
    assert {"release", "decision", "message"} <= {one.kind for one in whole.entries}
    entries, after_ = [], None
    while not entries or after_ is not None:
        part = told[0](40, after_)
        entries += part.entries
        after_ = part.after
    assert entries == whole.entries


def test_all_lines_are_exported_as_parquet(told, stores, tmp_path):
    lines = told[0](10_000, None).entries
    file = tmp_path / "audit.parquet"
    assert told[1](file) == len(lines)
    rows = stores.con.execute("select id from read_parquet(?)", [str(file)]).fetchall()
    assert [id_ for (id_,) in rows] == [one.id for one in lines]


def test_what_is_no_place_on_the_time_line_is_refused(told):
    with pytest.raises(UsageError):
        told[0](40, "yesterday")


@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_command_says_what_differs_and_leaves_with_1(shop, day, kept, tmp_path):
    folder = copied(kept, tmp_path / "stores")
    with opened(folder, day.installation.batches.dbt) as found:
        found.con.execute(
            f"update {found.dbt.relation('decisions')} set reason = 'all_checks_passed' "
            "where outcome = 'suppress'"
        )
    environment = {
        "BATON_WAREHOUSE": str(folder / "baton.duckdb"),
        "BATON_JOURNAL": str(folder / "baton.journal.db"),
    }
    result = call(shop.root, environment, "audit", "verify", "--json")
    assert result.exit_code == 1
    findings = json.loads(result.stdout)["findings"]
    assert {one["ledger"] for one in findings} == {"decisions"}
    assert all("changed" in one["what"] and one["rows"] for one in findings)
