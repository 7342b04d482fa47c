"""What can be wrong with a source record: codes for counting, sentences for people.

A fault is `<code>` or `<code>:<field>`.
"""

from baton.intake.source import Source

BAD_JSON = "bad_json"
NOT_OBJECT = "not_object"
BAD_ENCODING = "bad_encoding"
BAD_CSV = "bad_csv"
MISSING_VALUE = "missing_value"
MISSING_COLUMN = "missing_column"
REPEATED_COLUMN = "repeated_column"
BAD_TYPE = "bad_type"
BAD_TIME = "bad_time"
FUTURE = "future"
KEY_CONFLICT = "key_conflict"

_TIMES = ("timestamp", "date")
_WHOLE = {
    BAD_JSON: "the line is not valid JSON",
    NOT_OBJECT: "the line is JSON, but not an object",
    BAD_ENCODING: "the line is not UTF-8",
    BAD_CSV: "the record does not have as many fields as the header, or a quote is left open",
    KEY_CONFLICT: "another record of this key was loaded before, with other content",
}
_OF_FIELD = {
    MISSING_VALUE: "{field} is required and has no value",
    MISSING_COLUMN: "the file has no column {field}, which is required",
    REPEATED_COLUMN: "the file has the column {field} more than once",
    BAD_TIME: "{field} is not an ISO 8601 time, such as 2026-01-31T09:30:00Z",
    FUTURE: "{field} is more than 24 hours after the batch time",
}


def describe(fault: str, source: Source) -> str:
    """Return the sentence for people; it names the field, never its value."""
    code, _, field = fault.partition(":")
    if code == BAD_TYPE:
        return f"{field} is not of the declared type {source.column(field).data_type}"
    return _WHOLE.get(code) or _OF_FIELD[code].format(field=field)


def of_type(data_type: str) -> str:
    """Return the code for a value that is not of `data_type`."""
    return BAD_TIME if data_type in _TIMES else BAD_TYPE
