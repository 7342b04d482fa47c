"""How right an identity map is, recounted from the tables left behind against who owns what.

Pairs of identifiers of one person are right when one owner has both; what is nobody's own (a kiosk,
a made-up mail) is right with nothing. Reachable is a pair of one owner that true links connect.
"""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_KNOWN = """
create or replace temp table known as
select n.node, coalesce(n.owner, -1 - n.node) as owner, m.person_id
from read_parquet($nodes) as n
inner join {people} as m
    on m.node_id = md5(concat_ws(chr(31), 'node', n.node_type, n.node_value))
"""
_TRUE_LINKS = "select a, b from read_parquet($links) where is_true and place <= $up_to"
PRECISION = """
select
    coalesce((
        select sum(n * (n - 1)) from (
            select count(*) as n from known group by person_id, owner
        )
    ) / nullif((
        select sum(n * (n - 1)) from (select count(*) as n from known group by person_id)
    ), 0), 1)
"""
REACHABLE_RECALL = """
select
    (
        select sum(n * (n - 1)) from (
            select count(*) as n from known as k inner join reach as r on k.node = r.node
            group by k.person_id, r.label
        )
    ) / (
        select sum(n * (n - 1)) from (select count(*) as n from reach group by label)
    )
"""
OVER_LIMIT = """
select count(*) from (
    select m.person_id
    from {people} as m
    inner join {rules} as r on m.node_type = r.node_type
    where r.max_per_person is not null
    group by m.person_id, m.node_type, r.max_per_person
    having count(*) > r.max_per_person
)
"""
SIZES = """
select
    case when n = 1 then '1' when n <= 10 then '2-10' when n <= 100 then '11-100' else '> 100' end,
    count(*)
from (select count(*) as n from {people} group by person_id)
group by 1 order by 1
"""
CROWD = """
copy (
    with people as (
        select n.owner, min(n.node_value) as node_value
        from read_parquet('{nodes}') as n where n.node_type = 'anonymous' group by n.owner
        order by n.owner limit {people}
    ),
    seen as (
        select 'anonymous' as a_type, p.node_value as a_value, s.b_type, s.b_value
        from people as p
        cross join (
            values ('email', 'everyone@example.com'),
                ('device', 'FFFFFFFF-0000-4000-8000-000000000001')
        ) as s(b_type, b_value)
    )
    select {first} + row_number() over (order by a_value, b_type) as place, 1 as evidence, *
    from seen order by place
) to '{file}'
"""
"""Links of so many people, by an anonymous id of each, with one mail and with one device."""
_OF_CROWD = """
select distinct md5(concat_ws(chr(31), 'node', l.a_type, l.a_value))
from read_parquet('{file}') as l
"""
CROWD_PERSONS = f"""
select count(distinct m.person_id) from {{people}} as m where m.node_id in ({_OF_CROWD})
"""
CROWD_RECORDS = f"""
select coalesce(sum(e.evidence_count), 0) from {{edges}} as e
where
    (e.node_a_id in ({_OF_CROWD}) or e.node_b_id in ({_OF_CROWD}))
    and e.reason = 'fanout_cap'
    and (e.node_a_id in ({{shared}}) or e.node_b_id in ({{shared}}))
"""
SHARED = """
select distinct md5(concat_ws(chr(31), 'node', l.b_type, l.b_value))
from read_parquet('{file}') as l
"""
DIFFERING = """
select count(*)
from {people} as a
full join before as b on a.node_id = b.node_id
where a.person_id is distinct from b.person_id
"""


def judge(
    con: duckdb.DuckDBPyConnection, people: str, *, graph: Path, up_to: int
) -> dict[str, float]:
    """Return pairwise precision and the share of reachable pairs found.

    `people` is a relation of `node_id` and `person_id`, `up_to` the place of the last link seen.
    """
    con.execute(_KNOWN.format(people=people), {"nodes": str(graph / "nodes.parquet")})
    links = {"links": str(graph / "links.parquet"), "up_to": up_to}
    ends = con.execute(_TRUE_LINKS, links).fetchnumpy()
    labels = _components(np.asarray(ends["a"], np.int64), np.asarray(ends["b"], np.int64))
    con.register("labels", pa.table({"node": np.arange(len(labels)), "label": labels}))
    con.execute("create or replace temp table reach as from labels semi join known using (node)")
    return {
        "precision": round(con.execute(PRECISION).fetchall()[0][0], 5),
        "reachable_recall": round(con.execute(REACHABLE_RECALL).fetchall()[0][0], 5),
    }


def _components(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each number up to the largest the smallest that links lead to, its own without."""
    labels = np.arange(max(a.max(initial=-1), b.max(initial=-1)) + 1)
    while True:
        moved = labels.copy()
        np.minimum.at(moved, a, labels[b])
        np.minimum.at(moved, b, labels[a])
        moved = moved[moved]
        if np.array_equal(moved, labels):
            return labels
        labels = moved
