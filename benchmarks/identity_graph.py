"""An invented identity graph with the truth beside it: who owns which identifier.

`python -m benchmarks.identity_graph --persons N --out DIR [--seed S]
[--evidence even|thin|once]` writes
`nodes.parquet` (grain identifier: `node`, `node_type`, `node_value`, `owner`, null when it is
nobody's own) and `links.parquet` (grain pair of identifiers: both ends as number, type and value,
`kind`, `is_true` when both have one owner, `evidence` = records that show it, `place` in the
stream, at random). 154,000 persons make about 1.0M links, 770,000 about 5.0M.

Of the persons 60 % have an account, 40 % a CRM contact; each has 0-3 mails, 0-2 phones, 1-3 devices
and a geometric number of anonymous ids. Logins, forms and the CRM tie them together, not all.
Noise: households share devices, couples a mailbox, numbers are given out again; twenty kiosks are
everybody's; one made-up mail and one made-up number are typed by many.

How often a link is seen is an assumption that accuracy rests on, so there are three. `even`: true
links in one to four records, each as likely. `thin`: half of them in one, a quarter in two and so
on (geometric), so that most ties with noise are not decided by evidence. `once`: every link in one
record, evidence says nothing. Of the noise nine of ten are seen in one record, the others in two.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import click
import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from baton.intake.arrow import Table

TYPES = ("crm_contact", "user", "email", "phone", "device", "anonymous")
MADE_UP_MAIL = "test@example.com"
MADE_UP_PHONE = "+15555550100"
KIOSKS = 20
Evidence = Literal["even", "thin", "once"]
_MOST_SEEN: dict[Evidence, int] = {"even": 4, "thin": 12, "once": 1}
NOISE_SEEN_TWICE = 0.1

_NOBODY = -1
_FIRSTS = "ada ben cleo dana emil fay gus hana ivo june kai lena milo nora otis pia"
_LASTS = "ahl berg cole dorn eder frey gray holt iven jung kemp lind moor nash oden park"
_AREAS = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 "
    "239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 "
    "310 312 313 314 315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 347 351 352 360"
)
_NODES = """
select
    node, node_type,
    case
        when owner = -1 and node_type = 'email' then $mail
        when owner = -1 and node_type = 'phone' then $phone
        when node_type = 'crm_contact' then '003' || upper(digest[:15])
        when node_type = 'user' then 'usr_' || digest[:16]
        when node_type = 'email' then concat(
            firsts[1 + node % len(firsts)], '.',
            lasts[1 + (node // len(firsts)) % len(lasts)], node, '@example.com'
        )
        when node_type = 'phone'
            then concat('+1', areas[1 + node % len(areas)], 5550000 + node // len(areas))
        when node_type = 'device' then upper(digest::uuid::varchar)
        else digest::uuid::varchar
    end as node_value,
    nullif(owner, -1) as owner
from (
    select *, md5(concat_ws('-', $seed, node_type, node)) as digest,
        split($firsts, ' ') as firsts, split($lasts, ' ') as lasts, split($areas, ' ') as areas
    from drawn_nodes
)
order by digest
"""
_LINKS = """
with pairs as (
    select a, b, min(kind) as kind, least(sum(evidence), $most) as evidence, min(place) as place
    from drawn_links group by a, b
)
select
    row_number() over (order by l.place) as place,
    l.a, l.b, l.kind,
    a.node_type as a_type, a.node_value as a_value,
    b.node_type as b_type, b.node_value as b_value,
    coalesce(a.owner = b.owner, false) as is_true,
    l.evidence::integer as evidence
from pairs as l
inner join nodes as a on l.a = a.node
inner join nodes as b on l.b = b.node
order by l.place
"""
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """The identifiers and the links between them, see the top of the module for the columns."""

    nodes: Table
    links: Table


def graph(persons: int, *, seed: int = 1, evidence: Evidence = "even") -> Graph:
    """Draw a graph; the same for the same arguments."""
    drawing = _Drawing(persons, seed)
    drawing.draw_persons()
    drawing.draw_noise()
    return drawing.finished(evidence)


@dataclass(frozen=True)
class _Nodes:
    """Identifiers of one type: their numbers, and the owner of each, in order of owners."""

    numbers: Numbers
    owners: Numbers

    def of(self, owners: Numbers, chance: NDArray[np.float64]) -> Numbers:
        """Return one identifier of each of these owners, `_NOBODY` for one who has none."""
        first = np.searchsorted(self.owners, owners, "left")
        count = np.searchsorted(self.owners, owners, "right") - first
        picked = np.minimum(first + (chance * count).astype(np.int64), len(self.numbers) - 1)
        return np.where(count > 0, self.numbers[picked], _NOBODY)


class _Drawing:
    """A graph while it is drawn."""

    def __init__(self, persons: int, seed: int) -> None:
        self._persons = persons
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._types: list[tuple[str, Numbers]] = []
        self._links: list[tuple[str, Numbers, Numbers]] = []
        self._count = 0
        self._own: dict[str, _Nodes] = {}

    def draw_persons(self) -> None:
        """Draw what people own, and the records in which it is seen together."""
        random, persons = self._random, self._persons
        anonymous = np.minimum(random.geometric(0.3, persons), 60)
        for node_type, counts in {
            "crm_contact": random.random(persons) < 0.4,
            "user": random.random(persons) < 0.6,
            "email": random.choice(4, persons, p=[0.2, 0.6, 0.17, 0.03]),
            "phone": random.choice(3, persons, p=[0.4, 0.5, 0.1]),
            "device": random.choice([1, 2, 3], persons, p=[0.75, 0.2, 0.05]),
            "anonymous": anonymous,
        }.items():
            self._own[node_type] = self._nodes(node_type, np.repeat(np.arange(persons), counts))
        self._tie("visit", "anonymous", "device", 1)
        self._tie("login", "anonymous", "user", 0.35)
        self._tie("app_login", "device", "user", 0.6)
        self._tie("account_mail", "email", "user", 0.9)
        self._tie("crm_mail", "email", "crm_contact", 0.8)
        self._tie("crm_phone", "phone", "crm_contact", 0.8)
        self._tie("account_phone", "phone", "user", 0.6)
        self._tie("form", "anonymous", "email", 0.2)

    def draw_noise(self) -> None:
        """Draw what is seen together though it is not of one person."""
        self._share("shared_device", "device", 0.03, 3, "anonymous")
        self._share("shared_mailbox", "email", 0.01, 1, "user")
        self._share("recycled_phone", "phone", 0.01, 1, "user")
        for _ in range(KIOSKS):
            self._crowd("kiosk", "device", "anonymous", max(5, self._persons // 1000))
        self._crowd("made_up_mail", "email", "user", self._persons // 500)
        self._crowd("made_up_phone", "phone", "user", self._persons // 500)

    def finished(self, evidence: Evidence) -> Graph:
        """Name the identifiers and put the links into an order of arrival."""
        links = sum(len(a) for _, a, _ in self._links)
        noise = sum(len(a) for kind, a, _ in self._links if kind in _NOISE)
        seen = np.concatenate([
            self._times_seen(links - noise, evidence),
            1 + (self._random.random(noise) < NOISE_SEEN_TWICE),
        ])  # fmt: skip
        with duckdb.connect() as con:
            drawn_nodes = _table(
                node=np.arange(self._count),
                node_type=np.repeat(
                    [one for one, _ in self._types], [len(owners) for _, owners in self._types]
                ),
                owner=np.concatenate([owners for _, owners in self._types]),
            )
            drawn_links = _table(
                a=np.concatenate([a for _, a, _ in self._links]),
                b=np.concatenate([b for _, _, b in self._links]),
                kind=np.repeat(
                    [kind for kind, _, _ in self._links], [len(a) for _, a, _ in self._links]
                ),
                evidence=seen,
                place=self._random.permutation(links),
            )
            con.register("drawn_nodes", drawn_nodes)
            con.register("drawn_links", drawn_links)
            names = {"mail": MADE_UP_MAIL, "phone": MADE_UP_PHONE, "seed": self._seed}
            lists = {"firsts": _FIRSTS, "lasts": _LASTS, "areas": _AREAS}
            nodes = con.execute(_NODES, names | lists).to_arrow_table()
            con.register("nodes", nodes)
            most = {"most": _MOST_SEEN[evidence]}
            return Graph(nodes, con.execute(_LINKS, most).to_arrow_table())

    def _times_seen(self, count: int, evidence: Evidence) -> Numbers:
        """In how many records each of so many true links is seen."""
        if evidence == "thin":
            return self._random.geometric(0.5, count)
        return self._random.integers(1, _MOST_SEEN[evidence], count, endpoint=True)

    def _nodes(self, node_type: str, owners: Numbers) -> _Nodes:
        numbers = np.arange(self._count, self._count + len(owners))
        self._count += len(owners)
        self._types.append((node_type, owners))
        return _Nodes(numbers, owners)

    def _tie(self, kind: str, node_type: str, to: str, share: float) -> None:
        """Link this share of the identifiers of a type to one of the same owner's of another."""
        nodes = self._own[node_type]
        ends = self._own[to].of(nodes.owners, self._random.random(len(nodes.owners)))
        is_tied = (ends != _NOBODY) & (self._random.random(len(ends)) < share)
        self._links.append((kind, nodes.numbers[is_tied], ends[is_tied]))

    def _share(self, kind: str, node_type: str, share: float, most: int, to: str) -> None:
        """Link this share of a type, each to between one and `most` of anybody's of another."""
        nodes = self._own[node_type].numbers
        shared = self._random.choice(nodes, int(len(nodes) * share), replace=False)
        times = self._random.integers(1, most, len(shared), endpoint=True)
        self._link_any(kind, np.repeat(shared, times), to)

    def _crowd(self, kind: str, node_type: str, to: str, size: int) -> None:
        """Link an identifier that is nobody's to so many of anybody's."""
        nobody = self._nodes(node_type, np.full(1, _NOBODY)).numbers
        self._link_any(kind, np.repeat(nobody, size), to)

    def _link_any(self, kind: str, nodes: Numbers, to: str) -> None:
        others = self._random.choice(self._own[to].numbers, len(nodes))
        a, b = (others, nodes) if to == "anonymous" else (nodes, others)
        self._links.append((kind, a, b))


_NOISE = frozenset(
    {"shared_device", "shared_mailbox", "recycled_phone", "kiosk", "made_up_mail", "made_up_phone"}
)


def _table(**columns: NDArray[np.generic]) -> Table:
    return pa.table(columns)


def write(
    folder: Path, persons: int, *, seed: int = 1, evidence: Evidence = "even"
) -> tuple[int, int]:
    """Draw a graph into two files of a folder; return how many identifiers and links it has."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = graph(persons, seed=seed, evidence=evidence)
    with duckdb.connect() as con:
        for name, table in {"nodes": drawn.nodes, "links": drawn.links}.items():
            con.register("drawn", table)
            con.execute(f"copy drawn to '{folder / name}.parquet'")
    return drawn.nodes.num_rows, drawn.links.num_rows


@click.command()
@click.option("--persons", default=154_000, help="154,000 make about a million links.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder.")
@click.option("--seed", default=1)
@click.option(
    "--evidence",
    default="even",
    type=click.Choice(get_args(Evidence)),
    help="How often links are seen.",
)
def main(persons: int, out: Path, seed: int, evidence: Evidence) -> None:
    """Write a graph as two files."""
    identifiers, links = write(out, persons, seed=seed, evidence=evidence)
    click.echo(f"{identifiers:,} identifiers, {links:,} links in {out}")


if __name__ == "__main__":
    main()
