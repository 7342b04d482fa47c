"""Columns of a model's contract, and which field types they can fill."""

import re
from dataclasses import dataclass

_FAMILIES = {
    "text": ("varchar", "text", "string", "char", "uuid", "json"),
    "integer": ("tinyint", "smallint", "integer", "int", "bigint", "hugeint", "ubigint"),
    "number": ("double", "float", "real", "decimal", "numeric"),
    "boolean": ("boolean", "bool"),
    "timestamp": ("timestamp", "timestamptz", "datetime"),
    "date": ("date",),
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}
_WIDER = {("integer", "number"), ("date", "timestamp")}


@dataclass(frozen=True)
class Column:
    """A column as its model's contract has it."""

    name: str
    data_type: str
    is_personal: bool

    @property
    def family(self) -> str:
        """text, integer, number, boolean, timestamp, date, or other."""
        return family_of(self.data_type)


def family_of(data_type: str) -> str:
    """The family of a warehouse type; `other` for lists, structs and what is not known."""
    word = re.fullmatch(r"\s*(\w+)(?:\s+\w+)*(?:\([\d, ]*\))?\s*", data_type.lower())
    return _FAMILY.get(word[1], "other") if word else "other"


def fits(family: str, wanted: str) -> bool:
    """Whether values of a family are values of the wanted type."""
    return family == wanted or (family, wanted) in _WIDER
