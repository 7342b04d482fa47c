"""Answers for people. Pure."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from baton.doctor.answers import Answer

_MARKS = {"ok": "ok       ", "attention": "ATTENTION", "missing": "MISSING  "}
_INDENT = " " * 15


def answer_lines(answers: Sequence[Answer], width: int) -> Iterator[str]:
    """Yield each answer in lines of at most `width`, and how many stand how."""
    for one in answers:
        yield f"{one.number:>3}  {_MARKS[one.state]} {one.question}"
        yield from _wrapped(one.answer, width)
        yield from _wrapped(f"look: {one.where}", width)
        if one.mend:
            yield from _wrapped(f"mend: {one.mend}", width)
    counts = Counter(one.state for one in answers)
    yield ""
    yield ", ".join(f"{counts[state]} {state}" for state in _MARKS)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT + "  ",
        break_on_hyphens=False,
    )
