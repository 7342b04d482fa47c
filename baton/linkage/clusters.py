"""Clusters by average linkage on the evidence, in SQL.

Two clusters are compared by the mean evidence over all pairs between them, in log-odds: of scored
pairs their weight, of pairs that were never looked at a little against. In each round every
cluster chooses the other one it has most for, and those that choose each other merge, as long as
the mean is positive. A merge brings no other pair above the two that merged, so this is the same as
merging the best pair of all one at a time. Weights are whole thousandths: sums are exact and the
outcome does not depend on the order of rows or threads.
"""

import duckdb

SCALE = 1000
_LINKS = """
create or replace temp table {links} as
with ends as (
    select
        coalesce(x.into_cluster, l.a) as a, coalesce(y.into_cluster, l.b) as b, l.total, l.pairs
    from {before} as l
    left join cluster_merges as x on l.a = x.cluster
    left join cluster_merges as y on l.b = y.cluster
)
select least(a, b) as a, greatest(a, b) as b, sum(total)::bigint as total,
    sum(pairs)::bigint as pairs
from ends where a <> b group by all
"""
_MERGES = """
create or replace temp table cluster_merges as
with means as (
    select l.a, l.b,
        (l.total - (x.size * y.size - l.pairs) * $missing) / (x.size * y.size) as mean
    from cluster_links as l
    inner join cluster_sizes as x on l.a = x.cluster
    inner join cluster_sizes as y on l.b = y.cluster
    where l.total > (x.size * y.size - l.pairs) * $missing
),
choices as (
    select a as cluster, b as other, mean, a, b from means
    union all
    select b as cluster, a as other, mean, a, b from means
),
chosen as (
    select cluster, other from choices
    qualify row_number() over (partition by cluster order by mean desc, a, b) = 1
)
select c.cluster, c.other as into_cluster
from chosen as c
inner join chosen as d on c.cluster = d.other and c.other = d.cluster
where c.other < c.cluster
"""


def cluster_pairs(con: duckdb.DuckDBPyConnection, pairs: str, *, missing: float) -> None:
    """Fill the temporary table `clusters` (id, cluster) from the table `pairs` (a, b, weight).

    Ids are whole numbers, a pair stands once; `weight` is log-odds, `missing` what a pair that is
    not there counts against. A cluster is called by its lowest id; ids that no pair names are left
    out.
    """
    con.execute(
        f"""create or replace temp table cluster_links as
        select least(a, b) as a, greatest(a, b) as b, round(weight * {SCALE})::bigint as total,
            1::bigint as pairs
        from {pairs}"""
    )
    con.execute(
        """create or replace temp table clusters as
        select distinct unnest([a, b]) as id, id as cluster from cluster_links"""
    )
    con.execute(
        "create or replace temp table cluster_sizes as "
        "select cluster, 1::bigint as size from clusters"
    )
    against = round(missing * SCALE)
    while _merge_once(con, against):
        pass


def _merge_once(con: duckdb.DuckDBPyConnection, against: int) -> bool:
    con.execute(_MERGES, {"missing": against})
    if con.execute("select count(*) from cluster_merges").fetchall()[0][0] == 0:
        return False
    con.execute(
        """update clusters set cluster = m.into_cluster from cluster_merges as m
        where clusters.cluster = m.cluster"""
    )
    con.execute(
        "create or replace temp table cluster_sizes as "
        "select cluster, count(*) as size from clusters group by cluster"
    )
    con.execute(_LINKS.format(links="cluster_links", before="cluster_links"))
    return True
