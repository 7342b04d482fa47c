"""A shop whose CRM holds some people twice, under other numbers and with slips of the pen."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from project_copies import copy_project

from baton import releases
from baton.dbt_runner import DbtProject
from baton.ids import make_id
from baton.journal import Journal
from baton.linkage import Proposal, propose
from baton.micro_batch import MicroBatch
from baton.project import Project

NOON = datetime(2024, 5, 6, 12)
PEOPLE, TWICE = 240, 80
_FIRST = ("Ada", "Bela", "Cora", "Dana", "Edda", "Fina", "Gero", "Hanno", "Ilka", "Jorn", "Kaya")
_LAST = ("Ahrens", "Bohm", "Curtius", "Dorn", "Elsner", "Fabian", "Gruber", "Harms", "Irle", "Kern")
_CITIES = ("Aldbeck", "Brunnow", "Corvey", "Dunhaven", "Elmsworth", "Farnley", "Gosmere")
Row = dict[str, Any]


class LikenessShop:
    """A copy of the project that lets a person have several CRM contacts; one batch a minute."""

    def __init__(self, root: Path) -> None:
        copy_project(root)
        _let_people_have_several_contacts(root / "dbt_project/seeds/policies/identity_rules.csv")
        self.project = Project(
            root, root / "shop.duckdb", root / "shop.journal.db", root / "landing"
        )
        self.dbt = DbtProject(self.project)
        self._batches = MicroBatch(self.project, self.dbt)
        self._minute = 0
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(NOON)
            releases.compile_and_activate(
                self.project, journal, by="test", approved_by="test", reason="opening"
            )

    @property
    def now(self) -> datetime:
        return NOON + timedelta(minutes=self._minute)

    def land(self, contacts: list[Row]) -> None:
        """Land the whole CRM anew."""
        folder = self.project.landing / "crm"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"contacts-{self._minute:03}.csv"
        with file.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.DictWriter(lines, [*contacts[0], "updated_at"])
            rows.writeheader()
            rows.writerows(one | {"updated_at": self.now.isoformat()} for one in contacts)

    def batch(self) -> None:
        self._minute += 1
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(self.now)
            self._batches.run(journal, now=self.now)

    def propose(self, **options: Any) -> Proposal:
        run_id = f"run{self._minute}"
        return propose(self.project, self.dbt, now=self.now, run_id=run_id, **options)

    def person_of(self, contact_id: str) -> str:
        map_ = self.dbt.relation("identity_map")
        ((person,),) = self.query(
            f"select person_id from {map_} where node_id = ?", [node_of(contact_id)]
        )
        return person

    def edge_between(self, one: str, other: str) -> Row | None:
        ends = sorted((node_of(one), node_of(other)))
        rows = self.query(
            f"select rule, status, confidence from {self.dbt.relation('edges')} "
            "where node_a_id = ? and node_b_id = ?",
            ends,
        )
        return dict(zip(("rule", "status", "confidence"), rows[0], strict=True)) if rows else None

    def query(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql, values or []).fetchall()


def node_of(contact_id: str) -> str:
    return make_id("node", "crm_contact", contact_id)


def contacts() -> list[Row]:
    """Invented people `c<n>`; the first of them stand there again as `d<n>`, a letter off.

    Nobody shares an e-mail address or a phone number with anybody.
    """
    drawn = random.Random(7)  # noqa: S311
    found = [_contact(drawn, f"c{n}", n) for n in range(PEOPLE)]
    again = [
        one
        | {
            "contact_id": f"d{n}",
            "last_name": _slip(drawn, one["last_name"]) if n % 2 else one["last_name"],
            "email": f"other{n}@example.com",
            "phone": f"+1212556{n:04}",
        }
        for n, one in enumerate(found[:TWICE])
    ]
    return found + again


def _contact(drawn: random.Random, contact_id: str, number: int) -> Row:
    return {
        "contact_id": contact_id,
        "first_name": drawn.choice(_FIRST) + drawn.choice(("", "", "lin", "ette")),
        "last_name": drawn.choice(_LAST) + drawn.choice(("", "mann", "feld", "berg")),
        "email": f"{contact_id}@example.com",
        "phone": f"+1212555{number:04}",
        "address_line": f"{drawn.choice(_LAST)} street {drawn.randint(1, 99)}",
        "postal_code": f"{drawn.randint(10_000, 99_999)}",
        "city": drawn.choice(_CITIES),
        "country": "US",
    }


def _slip(drawn: random.Random, name: str) -> str:
    place = drawn.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def _let_people_have_several_contacts(policy: Path) -> None:
    with policy.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["node_type"] == "crm_contact":
            row["max_per_person"] = ""
    with policy.open("w", encoding="utf-8", newline="") as lines:
        written = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        written.writeheader()
        written.writerows(rows)
