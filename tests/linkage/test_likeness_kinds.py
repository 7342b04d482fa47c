"""By which columns records are compared, in which form, and what is said without Splink."""

import sys

import duckdb
import pytest

from baton.errors import UsageError
from baton.linkage import KINDS, kinds_of, require_splink

BY_NAME = {kind.name: kind for kind in KINDS}


def test_columns_are_known_by_the_names_that_sets_use() -> None:
    found = kinds_of(["rec_id", " given_name", "LAST_NAME", "date_of_birth", "suburb", "colour"])
    assert {kind.name: value for kind, value in found.items()} == {
        "first_name": '" given_name"',
        "surname": '"LAST_NAME"',
        "dob": '"date_of_birth"',
        "city": '"suburb"',
    }


def test_a_full_name_counts_by_its_first_and_last_word_where_there_are_no_parts() -> None:
    found = kinds_of(["full_name", "dob"])
    first, last = (found[BY_NAME[name]] for name in ("first_name", "surname"))
    with duckdb.connect() as con:
        row = con.execute(f"select {first}, {last} from (select ' Ada King Lovelace' as full_name)")
        assert row.fetchall() == [("Ada", "Lovelace")]
    assert BY_NAME["surname"] in kinds_of(["surname", "full_name"])
    assert BY_NAME["first_name"] not in kinds_of(["surname", "full_name"])


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("first_name", "  José-María ", "jose maria"),
        ("surname", " - ", None),
        ("dob", "1971-06-24", "19710624"),
        ("dob", "24/06/1971", "19710624"),
        ("dob", "1971-13", "197113"),
        ("dob", "unknown", None),
        ("postcode", "TQ13 8df", "tq138df"),
        ("email", " Ada@Example.COM", "ada@example.com"),
        ("phone", "+1 (212) 555-0101", "12125550101"),
    ],
)
def test_values_are_compared_in_one_form(kind: str, value: str, written: str | None) -> None:
    with duckdb.connect() as con:
        sql = BY_NAME[kind].written("value")
        assert con.execute(f"select {sql} from (select ? as value)", [value]).fetchall() == [
            (written,)
        ]


def test_without_splink_the_mend_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(UsageError, match=r"pip install 'baton-journeys\[linkage\]'"):
        require_splink()
