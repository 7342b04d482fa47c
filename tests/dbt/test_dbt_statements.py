"""What a person says by a link comes back from the journal into the warehouse."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from claiming import claim_once
from conftest import Built

from baton.journal import Act, ClaimOrder, ContactPoint, Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.serve.boxes import not_commercial
from baton.warehouse import reader

WHENEVER = ClaimOrder(checked_within_minutes=1e6)


@pytest.fixture
def project(built: Built, tmp_path: Path) -> Project:
    """A copy of the built stores, to be changed."""
    copies = [
        shutil.copy(one, tmp_path) for one in (built.project.warehouse, built.project.journal)
    ]
    landing = tmp_path / "landing"
    landing.mkdir()
    return Project(built.project.root, Path(copies[0]), Path(copies[1]), landing)


def test_a_click_is_a_statement_about_the_address_the_message_went_to(
    built: Built, project: Project
) -> None:
    with Journal.open(project.journal) as journal:
        at = journal.now()
        mail = claim_once(journal, "shop_mail", 1, at, WHENEVER)[0]
        assert mail.contact_point_id is not None
        assert mail.address_node_id is not None
        point = ContactPoint(mail.contact_point_id, mail.address_node_id, "email", is_own=True)
        noes = tuple(not_commercial(point, mail.brand))
        stated = journal.record_statements(Act("one_click", "link x;", mail.message_id, noes))
        later = at + timedelta(hours=1)
        journal.set_simulated_time(later)
        MicroBatch(project, built.dbt).run(journal, now=later)
    statements = built.dbt.relation("stg_journal__statements")
    points = built.dbt.relation("contact_points")
    with reader(project.warehouse) as con:
        found = con.execute(
            "select s.purpose, s.is_granted, s.names_address, s.brand, s.origin, s.message_id, "
            f"s.occurred_at, p.address from {statements} as s inner join {points} as p "
            "on s.contact_point_id = p.contact_point_id and s.address_node_id = p.node_id "
            "order by s.purpose"
        ).fetchall()
    assert found == [
        (purpose, False, True, mail.brand, "one_click", mail.message_id, stated.stated_at,
         mail.address)
        for purpose in ("marketing", "sales")
    ]  # fmt: skip
