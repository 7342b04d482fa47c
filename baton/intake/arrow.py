"""Names for Arrow's types: pyarrow declares none."""

from typing import Any, TypeAlias

Array: TypeAlias = Any
DataType: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any
