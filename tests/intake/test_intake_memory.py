"""Too little memory is told of the process, not of the table that is read."""

import duckdb
import pytest

from baton.intake.cursors import UnreadableTableError, readable


def test_too_little_memory_is_not_the_fault_of_the_table():
    with pytest.raises(duckdb.OutOfMemoryException), readable():
        raise duckdb.OutOfMemoryException("Out of Memory Error: no block")


def test_what_else_fails_is_told_of_the_table_without_its_text():
    with pytest.raises(UnreadableTableError, match="ConversionException") as told, readable():
        raise duckdb.ConversionException("ada@example.com is no number")
    assert "ada" not in str(told.value)
