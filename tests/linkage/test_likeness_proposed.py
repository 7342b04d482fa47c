"""From likeness to identity and back: a pair is proposed, becomes one person, and parts again."""

import json
from pathlib import Path

import pytest
from likeness_shop import TWICE, LikenessShop, contacts, node_of

from baton.errors import Refused

pytest.importorskip("splink", reason="Splink is an extra: pip install -e '.[linkage]'")
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> LikenessShop:
    """The shop after one batch over its CRM; the tests below follow each other's state in one."""
    opened = LikenessShop(tmp_path_factory.mktemp("likeness"))
    opened.land(contacts())
    opened.batch()
    return opened


def test_profiles_alike_become_one_person_and_part_when_withdrawn(shop: LikenessShop) -> None:
    assert shop.query("select count(*) from raw.identity_proposals") == [(0,)]
    assert shop.person_of("c0") != shop.person_of("d0")

    proposal = shop.propose()
    assert proposal.file is not None and proposal.withdrawn == 0
    assert proposal.changed == proposal.pairs
    proposed = {ends(pair) for pair in landed(proposal.file)}
    true = {pair_of(f"c{n}", f"d{n}") for n in range(TWICE)}
    assert len(proposed & true) >= 0.9 * TWICE
    assert len(proposed - true) <= 0.1 * TWICE
    assert shop.person_of("c0") != shop.person_of("d0")  # nothing before the next batch

    shop.batch()
    assert shop.person_of("c0") == shop.person_of("d0")
    edge = shop.edge_between("c0", "d0")
    assert edge is not None
    assert (edge["rule"], edge["status"]) == ("probabilistic", "accepted")
    assert 0.5 < edge["confidence"] < 1

    again = shop.propose()
    assert (again.pairs, again.changed, again.withdrawn) == (proposal.pairs, 0, 0)
    assert again.file is None

    somebody = {"first_name": "Quentin", "last_name": "Zwingli", "city": "Norwald"}
    moved = {"address_line": "Quay 4", "postal_code": "00417"}
    shop.land([one | somebody | moved if one["contact_id"] == "d0" else one for one in contacts()])
    shop.batch()
    withdrawal = shop.propose()
    assert withdrawal.file is not None and withdrawal.withdrawn >= 1
    gone = [pair for pair in landed(withdrawal.file) if ends(pair) == pair_of("c0", "d0")]
    assert [pair["confidence"] for pair in gone] == [None]
    shop.batch()
    assert shop.person_of("c0") != shop.person_of("d0")
    assert shop.person_of("c2") == shop.person_of("d2")

    shop.land([one | dict.fromkeys(PERSONAL, "") for one in contacts()])
    shop.batch()
    with pytest.raises(Refused, match="would withdraw"):
        shop.propose()
    assert shop.propose(max_withdrawn_share=1, is_dry=True).withdrawn > TWICE / 2

    end = shop.propose(max_withdrawn_share=1, is_end=True)
    assert (end.pairs, end.changed) == (0, 0)
    shop.batch()
    assert shop.person_of("c2") != shop.person_of("d2")
    assert shop.propose(is_end=True).file is None


def test_the_landed_files_hold_ids_and_no_values(shop: LikenessShop) -> None:
    files = list((shop.project.landing / "linkage").iterdir())
    assert len(files) >= 2
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    values = {str(one[name]) for one in contacts() for name in PERSONAL}
    assert len(values) > TWICE
    assert [value for value in values if f'"{value}"' in text or "@" in text] == []
    assert list(shop.project.warehouse.parent.glob("*.linkage.tmp")) == []


PERSONAL = ("first_name", "last_name", "email", "phone", "address_line", "postal_code", "city")


def landed(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def ends(pair: dict[str, object]) -> tuple[str, ...]:
    return (str(pair["node_a_id"]), str(pair["node_b_id"]))


def pair_of(one: str, other: str) -> tuple[str, ...]:
    return tuple(sorted((node_of(one), node_of(other))))
