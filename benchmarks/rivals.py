"""Made-up people and candidates, written straight into the tables that the pass reads."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.warehouse import transaction, writer

NOW = datetime(2026, 6, 3, 15)
_BEFORE = datetime(2024, 6, 1, 12)
_DECIDED = (
    "holdout_assignments",
    "candidates",
    "decisions",
    "int_decisions__exposures",
    "outbox",
)
_HEARD = ("int_consent__signs", "consent_statements", "suppressions")
_ACTIONS = (
    "email_comparison",
    "email_welcome_full",
    "email_welcome_short",
    "email_we_miss_you",
)


_NODE = "md5('node' || chr(31) || 'crm_contact' || chr(31) || 'c' || n)"


class RivalWarehouse:
    """A warehouse that an empty first batch has built, filled by statements over sets.

    Person n has one node, the contact c<n> of the CRM, one address, a yes for marketing and sales
    (every tenth has said no). Every fourth lives where who has bought need not be asked.
    """

    def __init__(self, folder: Path) -> None:
        found = Project.find()
        self._project = Project(
            found.root, folder / found.warehouse.name, folder / "journal.db", folder / "landing"
        )
        self._project.landing.mkdir(parents=True)
        self.dbt = DbtProject(self._project)
        self._start()
        self._open = ExitStack()
        self.con = self._open.enter_context(writer(self._project.warehouse))
        for name in ("identity_map", "candidates"):
            view = "people" if name == "identity_map" else name
            self.con.execute(f"create temp view {view} as from {self.dbt.relation(name)}")
        self.con.execute(f"create temp table caps as from {self.dbt.relation('stg_release__caps')}")

    def __enter__(self) -> Self:
        """Return the warehouse; leaving closes its file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._open.close()

    def count(self, sql: str) -> int:
        """Return the one number of a query."""
        return self.con.execute(sql).fetchall()[0][0]

    def pairs(self, sql: str) -> dict[str, int]:
        """Return names and numbers of a query."""
        return dict(self.con.execute(sql).fetchall())

    def people(self, number: int) -> None:
        """Write people with their nodes, addresses and permissions."""
        numbered = f"(select n, {_NODE} as id from range({number}) as r(n))"
        short = _short("id")
        self._insert("identity_map", numbered, node_id="id", node_short=short, node_seq="n",
                     person_id="id", person_short=short, changed_window_id="1")  # fmt: skip
        self._insert("nodes", numbered, node_id="id", node_type="'email'", node_seq="n")
        self._insert("int_profiles__customers", numbered, person_id="id",
                     person_short=short, is_current="true",
                     country="case when n % 4 = 0 then 'GB' else 'US' end")  # fmt: skip
        self._insert("contact_points", numbered, contact_point_id="md5('email' || id)",
                     person_id="id", channel="'email'", node_id="id", is_verified="true",
                     last_observed_at=_at(_BEFORE))  # fmt: skip
        both = f"(select * from {numbered} cross join (values ('marketing'), ('sales')) as p(p))"
        self._insert("consent_permissions", both, permission_id="md5(p || id)",
                     contact_point_id="md5('email' || id)", person_id="id", channel="'email'",
                     purpose="p", brand="'main'", is_granted="n % 10 <> 0",
                     statement_id="md5('s' || p || id)", stated_at=_at(_BEFORE),
                     level="'address'", was_refused="n % 10 = 0")  # fmt: skip

    def rivals(self, *, first: int, people: int, each: int, window: int) -> None:
        """Have each of these people reach up to `each` steps with an action, in this window.

        Every other person lacks the best one: then the second of a group stands in the middle.
        """
        steps = (
            f"(select n, k, {_NODE} as id, md5('step' || n || '-' || k || '-{window}') "
            "as step, c.journey, c.card_hash, c.release_id, a.action from "
            f"range({first}, {first + people}) as r(n), range({each}) as s(k), "
            "(select journey, min(card_hash) as card_hash, min(release_id) as release_id "
            "from raw.release_cards where journey = 'win_back' group by journey) as c, "
            f"(select unnest({list(_ACTIONS)}) as action, generate_subscripts({list(_ACTIONS)}, 1) "
            "- 1 as no) as a where a.no = s.k and (n % 2 = 0 or k > 0))"
        )
        short = _short("id")
        touched = f"(select distinct id from {steps})"
        self.con.execute(f"delete from {self.dbt.relation('int_journeys__touched')}")
        self._insert("int_journeys__touched", touched, person_id="id", person_short=short,
                     node_id="id", node_short=short, scope="'window'")  # fmt: skip
        at = _at(NOW)
        self._insert("int_journeys__steps", steps, step_id="step", instance_id="md5(step)",
                     person_id="id", journey="journey", card_hash="card_hash",
                     release_id="release_id", acts_from=_at(_BEFORE), entry_node_id="id",
                     entry_node_short=short, entered_at=at, kind="'step'", reached_at=at,
                     action="action", is_last="true", is_current="true",
                     computed_window_id=str(window))  # fmt: skip

    def history(self, messages: int) -> None:
        """Write messages of two years, ten to a person, all accepted when they were decided."""
        sent = (
            f"(select m as n, n as person, {_NODE} as id, md5('old' || m) as c, {_at(_BEFORE)} "
            f"+ to_seconds(m * 63072000 // {messages}) as moment "
            f"from (select m, m % {messages // 10} as n from range({messages}) as r(m)))"
        )
        self._insert("candidates", sent, candidate_id="c", step_id="c", instance_id="c",
                     journey="'win_back'", entry_node_id="id", action="'email_we_miss_you'",
                     channel="'email'", destination="'shop_mail'", **{"class": "'marketing'"},
                     brand="'main'", value="4", priority="25", conflict_group="'retention'",
                     due_at="moment", entered_at="moment", expires_at="moment + interval '1 day'",
                     contact_point_id="md5('email' || id)", outcome="'send'",
                     reason="'all_checks_passed'", is_decided="true", message_id="md5('m' || c)",
                     message_decided_at="moment", evaluation_no="1", evaluated_window_id="2",
                     evaluated_at="moment", step_short=_short("c"), entry_node_short=_short("id"),
                     open_until="moment + interval '1 day'")  # fmt: skip
        self.con.execute(
            "insert into raw.journal_message_events "
            "(seq, message_id, node_id, state, occurred_at, _loaded_seq, _loaded_at) "
            f"select n, md5('m' || c), id, 'accepted', moment, 1, moment from {sent}"
        )
        self._open_window(2, _BEFORE)
        self._sources(messages // 10, times=3, seq="21", at=_at(_BEFORE))
        self._build(_HEARD, full_refresh=True)
        self.con.execute("checkpoint")

    def hear(self, *, people: int, window: int, at: datetime) -> float:
        """Let a window bring an order, a version and a receipt of these people.

        Return the seconds of SQL that it takes to find out whom not to contact.
        """
        self._open_window(window, at)
        self._sources(people, times=1, seq=f"{window * 10 + 1}", at=_at(at))
        return self._build(_HEARD)

    def decide(self, *, window: int, at: datetime) -> float:
        """Make the pass of a window; return the seconds of SQL."""
        self._open_window(window, at)
        return self._build(_DECIDED)

    def recount(self) -> None:
        """Lay out for the recounts what was decided now, what was sent, and what was allowed."""
        self.con.execute(
            "create or replace temp table decided as from candidates where evaluated_window_id > 2 "
            "or evaluated_at >= ?",
            [NOW],
        )
        self.con.execute(
            "create or replace temp table sent as select message_id, entry_node_id as node_id, "
            "contact_point_id, channel, class, message_decided_at as at, "
            "evaluated_at >= ? as is_new "
            "from candidates where outcome in ('send', 'route', 'escalate') and class <> "
            "'transactional' and entry_node_id in (select d.entry_node_id from decided as d)",
            [NOW],
        )
        allowed = self.dbt.relation("consent_permissions")
        self.con.execute(f"create temp table if not exists allowed as from {allowed}")

    def blind(self) -> None:
        """Take both guards away: the pass knows no cap, and takes every no for a yes.

        What caps and people really say stays in `caps` and `allowed`.
        """
        permissions = self.dbt.relation("consent_permissions")
        self.con.execute(f"create or replace temp table allowed as from {permissions}")
        self.con.execute(f"update {permissions} set is_granted = true, was_refused = false")
        self.con.execute("delete from raw.release_policies where policy = 'caps'")

    def _start(self) -> None:
        """Let an empty first batch make every table."""
        with Journal.open(self._project.journal) as journal:
            journal.set_simulated_time(_BEFORE)
            releases.compile_and_activate(
                self._project, journal, by="benchmark", approved_by="benchmark", reason="measure"
            )
            MicroBatch(self._project, self.dbt).run(journal, now=_BEFORE)

    def _open_window(self, window: int, at: datetime) -> None:
        self.con.execute("delete from raw.this_window")
        self.con.execute("delete from raw.windows where window_id = ?", [window])
        for table in ("windows", "this_window"):
            self.con.execute(
                f"insert into raw.{table} (window_id, batch_time, from_seq, to_seq, watermark, "
                "state) values (?, ?, ?, ?, ?, 'open')",
                [window, at, window * 10, window * 10 + 9, at],
            )

    def _build(self, models: Sequence[str], *, full_refresh: bool = False) -> float:
        with transaction(self.con):
            self.dbt.build(self.con, select=list(models), full_refresh=full_refresh)
        return self.dbt.sql_seconds

    def _sources(self, people: int, *, times: int, seq: str, at: str) -> None:
        """Have people buy, change in the CRM, and get mail, so many times; one in fifty bounces."""
        rows = f"range({people}) as r(n), range({times}) as s(k)"
        flag = "(n + k) % 40 = 0"
        for table, columns, values in (
            ("shop_orders", "contact_id, basket_id, ordered_at",
             f"'c' || n, 'b' || n || '-' || k || '-{seq}', {at}"),
            ("crm_contacts", "contact_id, updated_at, do_not_contact, email_opt_out, _deleted",
             f"'c' || n, {at}, {flag}, (n + k) % 30 = 0, false"),
            ("messaging_receipts",
             "receipt_id, channel, address, _address_as_email, status, occurred_at",
             f"'r' || n || '-' || k || '-{seq}', 'email', 'person' || n || '@post.example', "
             "'person' || n || '@post.example', "
             f"case when n % 50 = 0 then 'bounced' else 'delivered' end, {at}"),
        ):  # fmt: skip
            self.con.execute(
                f"insert into raw.{table} ({columns}, _loaded_seq, _loaded_at) "
                f"select {values}, {seq} + k, {at} from {rows}"
            )

    def _insert(self, model: str, rows: str, **values: str) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        self.con.execute(
            f"insert into {self._relation(model)} ({names}) select {', '.join(values.values())} "
            f"from {rows}"
        )

    def _relation(self, model: str) -> str:
        return self.dbt.relation(model)


def _short(column: str) -> str:
    return f"cast('0x' || substr(md5({column}), 1, 15) as bigint)"


def _at(at: datetime) -> str:
    return f"timestamp '{at.isoformat(sep=' ')}'"
