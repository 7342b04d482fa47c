"""SQLMesh's dictionaries say at once that they lack an attribute with two underscores.

`AttributeDict` asks itself whether it has it, which asks again, until the stack is full and the
error is taken for "no". To write twenty of them as JSON took .38 s, and less than 1 ms so; every
snapshot of a project holds some. The answer is the same.
"""

from typing import Any


def answer_at_once() -> None:
    """Mend it for this process."""
    from sqlmesh.utils import AttributeDict  # noqa: PLC0415  # seconds of import

    def get(self: Any, key: Any) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return self.get(key)

    AttributeDict.__getattr__ = get
