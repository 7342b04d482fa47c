"""How wide text is and where it breaks: a page without scripts has to know beforehand."""

_NARROW = frozenset("iljtfr.,:;'|!()[] ")
_WIDE = frozenset("mwMW%@")
_UPPER_WIDTH = 0.7
_WIDTHS = {"narrow": 0.36, "wide": 0.86, "other": 0.605}


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a line is in a sans-serif font of this size, rather too much."""
    total = sum(_width(one) for one in text)
    return total * size * (1.1 if bold else 1.0)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Return the lines of a text that are no wider than `width`; long words stand alone."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(character: str) -> float:
    if character in _NARROW:
        return _WIDTHS["narrow"]
    if character in _WIDE:
        return _WIDTHS["wide"]
    return _UPPER_WIDTH if character.isupper() else _WIDTHS["other"]
