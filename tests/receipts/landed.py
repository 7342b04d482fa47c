"""What the service has landed."""

import json


def rows(landing):
    """The records of all landed files, by receipt."""
    files = sorted((landing / "messaging").glob("*.jsonl"))
    found = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return sorted(found, key=lambda row: str(row.get("receipt_id")))


def told(landing):
    """The same in short: receipt, message, address, status."""
    names = ("receipt_id", "message_id", "address", "status")
    return [tuple(row.get(name) for name in names) for row in rows(landing)]
