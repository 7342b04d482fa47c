"""E-mail addresses and phone numbers of records, spelt beside what was written."""

import random
from dataclasses import replace

import duckdb
import phonenumbers
import pyarrow as pa
import pytest
from landing_yard import CONTACTS, Yard, columns

from baton.addresses import email, phone
from baton.intake import Source, prepare
from baton.intake.identifiers import plain_email, spelt
from baton.intake.phone_plans import bare_phone, plain_phone
from baton.intake.source import PhoneRegion

PEOPLE = Source(
    name="shop",
    table="people",
    relation="raw.shop_people",
    columns=columns(id="varchar", email="varchar", phone="varchar", country="varchar"),
    mode="upsert",
    key=("id",),
    identifiers=(("id", ("user",)), ("email", ("email",)), ("phone", ("phone",))),
    phone_region=PhoneRegion("country", "US"),
)
SPELT = "select id, _email_as_email, _phone_as_phone from raw.shop_people order by _loaded_seq"
LEFT_OUT = "select column_name, records from raw.identifiers_left_out order by 1"


@pytest.fixture
def yard(tmp_path):
    return Yard(tmp_path, (PEOPLE,))


def test_addresses_are_spelt_beside_what_was_written(yard):
    yard.jsonl(
        "shop/people-1.jsonl",
        [
            {"id": "1", "email": " Ada@Example.COM", "phone": "(212) 555-0101"},
            {
                "id": "2",
                "email": "j@b\u00fccher.example",
                "phone": "020 7946 0000",
                "country": "GB",
            },
            {"id": "3", "email": "none", "phone": "0171 5550101", "country": "de"},
            {"id": "4", "email": None, "phone": "212 555 0101", "country": "nowhere"},
        ],
    )
    yard.take()
    assert yard.ask(SPELT) == [
        ("1", "ada@example.com", "+12125550101"),
        ("2", "j@xn--bcher-kva.example", "+442079460000"),
        ("3", None, "+491715550101"),
        ("4", None, "+12125550101"),
    ]
    assert yard.ask("select email from raw.shop_people where id = '1'") == [(" Ada@Example.COM",)]


def test_what_nobody_can_be_known_by_is_kept_and_counted(yard):
    written = [
        {"id": "0000", "email": "ada at example", "phone": "555-0101"},
        {"id": "null", "email": "", "phone": "n/a"},
        {"id": "a\x07b", "email": " ", "phone": "212 555 0101"},
        {"id": "x" * 10_240, "email": "x" * 10_240 + "@mail.example", "phone": "2" * 10_240},
        {"id": "sound", "email": "ada@mail.example", "phone": None},
    ]
    yard.jsonl("shop/people-1.jsonl", written)
    counts = yard.take().counts
    assert (counts.rows_read, counts.rows_loaded) == (5, 5)
    assert yard.ask(LEFT_OUT) == [("email", 2), ("id", 4), ("phone", 3)]
    yard.jsonl("shop/people-2.jsonl", [{"id": "00", "email": "ada", "phone": None}])
    yard.take()
    assert yard.ask(LEFT_OUT) == [("email", 3), ("id", 5), ("phone", 3)]


def test_what_was_loaded_before_an_identifier_was_declared_is_spelt_too(tmp_path):
    yard = Yard(tmp_path, (replace(PEOPLE, identifiers=()),))
    yard.jsonl(
        "shop/people-1.jsonl",
        [{"id": "1", "email": "ADA@mail.example", "phone": "+1 (212) 555-0101"}],
    )
    yard.take()
    prepare(yard.con, (PEOPLE,))
    assert yard.ask(SPELT) == [("1", "ada@mail.example", "+12125550101")]


def test_a_contact_that_an_export_leaves_out_keeps_its_spelling(tmp_path):
    source = replace(CONTACTS, identifiers=(("email", ("email",)),), max_deleted_share=1.0)
    yard = Yard(tmp_path, (source,))
    for number, ids in enumerate(("ab", "a")):
        rows = [{"contact_id": one, "email": f"{one.upper()}@mail.example"} for one in ids]
        yard.jsonl(f"crm/contacts-{number}.jsonl", rows)
        yard.take()
    found = "select _deleted, _email_as_email from raw.crm_contacts where contact_id = 'b'"
    assert yard.ask(f"{found} order by 1") == [(False, "b@mail.example"), (True, "b@mail.example")]


def test_a_word_for_nothing_is_nobodys_id():
    nothing = ["", "  ", "null", "NULL", "Undefined", "none", "NaN", "nil", "N/A", "(not set)",
               "[object Object]", "0", "000", "00000000-0000-0000-0000-000000000000",
               "a\x00b", "a\nb", "x" * 1_025]  # fmt: skip
    something = ["0a", "nonesuch", "Zero", "10", "a b", "x" * 1_024, "'; drop table nodes; --"]
    assert [_id(one) for one in nothing] == [None] * len(nothing)
    assert [_id(one) for one in something] == something
    assert _id("e\u0301") == "\u00e9"


def _id(value):
    sql = f"select {spelt('user', 'v')} from (select $1::varchar as v)"
    return duckdb.execute(sql, [value]).fetchone()[0]


def test_numbers_that_sql_spells_are_spelt_as_the_plans_have_it():
    regions = ["US", "GB", "DE", "IT", "BR", "AR"]
    given = [(_number(n, regions[n % 6]), regions[n % 6]) for n in range(900)]
    assert _disagreements(given, regions) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_numbers_of_all_regions_that_sql_spells_are_spelt_as_the_plans_have_it():
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    for part in range(0, len(regions), 35):
        some = regions[part : part + 35]
        given = [(_number(n, one), one) for one in some for n in range(150)]
        assert _disagreements(given, some) == []


def _disagreements(given, regions):
    """Where SQL says something, and something else; it must say something of most."""
    con = duckdb.connect()
    table = pa.table({"x": [one for one, _ in given], "r": [one for _, one in given]})
    con.register("given", table)
    sql = f"select x, r, {plain_phone(bare_phone('x'), 'r', regions)} as spelt from given"
    found = con.execute(f"select * from ({sql}) where spelt is not null").fetchall()
    assert len(found) > len(given) / 3
    return [(x, r, spelt) for x, r, spelt in found if phone(x, r) != spelt]


def _number(seed, region):
    luck = random.Random(f"{seed} {region}")  # noqa: S311  # numbers to try, no secrets
    example = phonenumbers.example_number(region)
    digits = "".join(
        luck.choice("0123456789") if luck.random() < 0.3 else one
        for one in str(example.national_number)
    )
    code = str(example.country_code)
    home = phonenumbers.PhoneMetadata.metadata_for_region(region).national_prefix
    start = luck.choice(["", "", f"+{code}", code, f"00{code}", home or "0", f"+{code} (0)"])
    digits = digits[: luck.choice([None, None, None, -1])] + luck.choice(["", "", "", "7"])
    return start + "".join(one + luck.choice(["", "", "", "-", " ", "/"]) for one in digits)


def test_addresses_that_sql_spells_are_spelt_as_python_has_it():
    given = ["Ada@Example.com", " a@b.cd ", "a|{b}@x_y.example", "a@b", "a@-b.cd", "a..b@b.cd",
             "a" * 65 + "@b.cd", "a@b.c\u00e4", "\ta@b.cd", "a@b.cd\n", "a@b.cd.",
             "A'B@b.cd", "a@" + "b" * 58 + ".cd", "a@" + "b" * 59 + ".cd"]  # fmt: skip
    sql = f"select {plain_email('v')} from (select $1::varchar as v)"
    found = {one: duckdb.execute(sql, [one]).fetchone()[0] for one in given}
    assert {one: email(one) for one, value in found.items() if value} == {
        one: value for one, value in found.items() if value
    }
    assert sum(value is not None for value in found.values()) == 6
