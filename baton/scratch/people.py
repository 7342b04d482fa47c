"""Who is who in the scratch fold, and whom a window touches."""

from baton.intake.arrow import Table
from baton.intake.sql import text
from baton.scratch.heard import Window
from baton.scratch.tables import Tables, id_sql, short_sql, time_sql


def assign_people(tables: Tables, pairs: Table | None, window: Window) -> None:
    """Give touched nodes a person; with `pairs`, the whole map, re-assign all others too.

    A node without a person becomes one of its own, under its own id.
    """
    people = tables.relation("identity_map")
    known = f"(select m.node_id, m.person_id from {people} as m)"
    staged = {} if pairs is None else {"pairs": pairs}
    tables.run(
        f"""create or replace temp table changed_people as
        with nodes as (
            select m.node_id from {people} as m
            union
            select t.node_id from touched_now as t where t.node_id is not null
            {"" if pairs is None else "union select p.node_id from pairs as p"}
        )
        select n.node_id, coalesce(w.person_id, n.node_id) as person_id,
            m.person_id as prior_person_id, m.node_seq
        from nodes as n
        left join {known if pairs is None else "pairs"} as w on n.node_id = w.node_id
        left join {people} as m on n.node_id = m.node_id
        where m.person_id is distinct from coalesce(w.person_id, n.node_id)""",
        staged,
    )
    tables.touch("select c.node_id, c.prior_person_id from changed_people as c")
    _record_changes(tables, window)
    _rewrite_map(tables, window)


def set_zones(tables: Tables, pairs: Table) -> None:
    """Set the time zone in the profile of persons; null takes it away."""
    staged = {"pairs": pairs}
    values = {
        "person_id": "z.person_id",
        "person_short": short_sql("z.person_id"),
        "timezone": "z.zone",
        "is_current": "true",
    }
    for given in tables.shape.given.values():
        if {"person_id", "timezone"} <= given.columns.keys():
            named = "person_id in (select z.person_id from pairs as z)"
            tables.run(f"delete from {given.relation} where {named}", staged)
            tables.give(given.name, values, "pairs as z", staged)
    tables.touch("select null, z.person_id from pairs as z", staged)


def write_touched(tables: Tables, *, everyone: bool) -> None:
    """Write down whom the window touched, merged-away persons included."""
    if "touched_persons" not in tables.shape.given:
        return
    people = tables.relation("identity_map")
    only = "" if everyone else "semi join touched_now as t on m.node_id = t.node_id"
    touched = f"""(
        select m.person_id from {people} as m {only}
        union
        select t.person_id from touched_now as t where t.person_id is not null
    ) as p"""
    values = {
        "person_id": "p.person_id",
        "person_short": short_sql("p.person_id"),
        "scope": text("all" if everyone else "window"),
    }
    tables.run(f"delete from {tables.relation('touched_persons')}")
    tables.give("touched_persons", values, touched)


def _record_changes(tables: Tables, window: Window) -> None:
    parts = ("'merge'", "c.prior_person_id", "c.person_id", str(window.window_id))
    values = {
        "change_id": id_sql("identity_change", *parts),
        "kind": "'merge'",
        "from_person_id": "c.prior_person_id",
        "to_person_id": "c.person_id",
        "window_id": str(window.window_id),
        "changed_at": time_sql(window.batch_time),
    }
    moved = """(
        select distinct c.prior_person_id, c.person_id from changed_people as c
        where c.prior_person_id is not null
    ) as c"""
    tables.give("identity_changes", values, moved)


def _rewrite_map(tables: Tables, window: Window) -> None:
    people = tables.relation("identity_map")
    last = tables.largest("node_seq", people)
    values = {
        "node_id": "c.node_id",
        "node_short": short_sql("c.node_id"),
        "node_type": "'node'",
        "node_seq": f"coalesce(c.node_seq, {last} + row_number() over (order by c.node_id))",
        "person_id": "c.person_id",
        "person_short": short_sql("c.person_id"),
        "prior_person_id": "c.prior_person_id",
        "changed_window_id": str(window.window_id),
    }
    changed = "node_id in (select c.node_id from changed_people as c)"
    tables.run(f"delete from {people} where {changed}")
    tables.give("identity_map", values, "changed_people as c")
