"""The same stories with values masked. Pure."""

from typing import Any

from baton.explain import Mask


def masked(facts: Any, mask: Mask) -> Any:
    """Return facts in which the value of each identifier is shown as far as the mask lets it."""
    if isinstance(facts, list):
        return [masked(one, mask) for one in facts]
    if not isinstance(facts, dict):
        return facts
    shown = {name: masked(one, mask) for name, one in facts.items()}
    if "type" in shown and "value" in shown:
        shown["value"] = mask.value(shown["type"], shown["value"])
    return shown
