"""What is said when dbt could not build a model."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from baton.dbt_runner import _failure

_PATH = "models/profiles/customers.sql"


def failed(message: str):
    """What dbt returns of a build in which one model failed with that message."""
    node = SimpleNamespace(name="customers", original_file_path=_PATH)
    return SimpleNamespace(
        exception=None, result=[SimpleNamespace(status="error", node=node, message=message)]
    )


@pytest.mark.parametrize(
    ("message", "said", "mend"),
    [
        ('Binder Error: no column "person_short"', "model customers failed", "--full-refresh"),
        ("Conversion Error: not a number", "model customers failed", "mend the model"),
        ("Out of Memory Error: no block of 256 KB", "more memory", "BATON_MEMORY"),
        ("IO Error: No space left on device", "the disk is full", "free some space"),
    ],
)
def test_a_model_that_failed_is_told_with_what_to_do(message, said, mend):
    error = _failure(failed(message), Path("baton.duckdb"))
    assert said in str(error)
    assert mend in error.mend


def test_only_what_may_be_of_an_earlier_version_is_told_to_be_built_anew():
    error = _failure(failed("Conversion Error: not a number"), Path("baton.duckdb"))
    assert "--full-refresh" not in error.mend
