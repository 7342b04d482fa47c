"""The kinds of values that records are compared by, and how a value of each is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

How = Literal["name", "words", "code", "date", "email", "choice"]

_FOLDED = "regexp_replace(strip_accents(lower({{0}})), '[^\\p{{{{L}}}}\\p{{{{N}}}}]+', '{0}', 'g')"
_PLAIN = f"nullif(trim({_FOLDED.format(' ')}), '')"
_CODE = f"nullif({_FOLDED.format('')}, '')"
_DATES = "['%Y-%m-%d', '%Y%m%d', '%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y', '%Y/%m/%d']"
_WRITTEN = {
    "name": _PLAIN,
    "words": _PLAIN,
    "code": _CODE,
    "choice": _CODE,
    "email": "nullif(lower(trim({0})), '')",
    "date": (
        f"coalesce(strftime(try_strptime(trim({{0}}), {_DATES}), '%Y%m%d'),"
        " nullif(regexp_replace({0}, '[^0-9]+', '', 'g'), ''))"
    ),
}


@dataclass(frozen=True)
class Kind:
    """One kind of value: `columns` are the names by which data sets and fields call it.

    `is_key` says that people can be found by it: pairs that share such a value are looked at.
    """

    name: str
    how: How
    columns: tuple[str, ...]
    is_key: bool = True

    def written(self, value: str) -> str:
        """Return SQL of the value in the form that is compared, null where there is none."""
        return _WRITTEN[self.how].format(f"cast({value} as varchar)")


KINDS = (
    Kind("first_name", "name", ("first_name", "given_name", "forename", "firstname")),
    Kind("surname", "name", ("surname", "last_name", "family_name", "lastname")),
    Kind("dob", "date", ("dob", "date_of_birth", "birth_date", "birthdate", "birthday")),
    Kind("email", "email", ("email", "email_address", "e_mail")),
    Kind("phone", "code", ("phone", "phone_number", "telephone", "mobile")),
    Kind(
        "person_number",
        "code",
        ("person_number", "soc_sec_id", "ssn", "social_security_number", "national_id"),
    ),
    Kind("postcode", "code", ("postcode", "postal_code", "postcode_fake", "zip", "zip_code")),
    Kind("address", "words", ("address", "address_1", "address_line", "street", "street_name")),
    Kind("city", "words", ("city", "suburb", "town", "birth_place", "place")),
    Kind("occupation", "words", ("occupation", "profession", "job"), is_key=False),
    Kind("house_number", "code", ("house_number", "street_number"), is_key=False),
    Kind("address_2", "words", ("address_2",), is_key=False),
    Kind("state", "choice", ("state", "county", "region"), is_key=False),
    Kind("gender", "choice", ("gender", "sex"), is_key=False),
)


_FULL_NAME = ("full_name", "name")
_PARTS = {"first_name": "^\\S+", "surname": "\\S+$"}


def kinds_of(columns: Iterable[str]) -> dict[Kind, str]:
    """Return the kinds that the columns hold, each with SQL of its value.

    Of several columns of a kind the first in its list counts. Where there is no name in parts, the
    first and the last word of a full name are taken.
    """
    known = {column.strip().lower(): column for column in columns}
    found: dict[Kind, str] = {}
    for kind in KINDS:
        fitting = [known[name] for name in kind.columns if name in known]
        if fitting:
            found[kind] = _quoted(fitting[0])
    whole = [known[name] for name in _FULL_NAME if name in known]
    if not whole or any(kind.how == "name" for kind in found):
        return found
    parts = {
        kind: f"nullif(regexp_extract(trim({_quoted(whole[0])}), '{_PARTS[kind.name]}'), '')"
        for kind in KINDS
        if kind.how == "name"
    }
    return parts | found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
