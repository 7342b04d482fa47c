"""Verdicts for people and for programs."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from baton.journeys.scenarios.shape import ExpectedStep
from baton.journeys.scenarios.verdict import Instance, ReachedStep, Verdict, is_same

_GAP = 4


def facts_of(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return counts, and every scenario with its expected and actual steps."""
    return {
        "scenarios": len(verdicts),
        "failed": sum(not one.passed for one in verdicts),
        "verdicts": [_facts(one) for one in verdicts],
    }


def lines_of(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line per scenario that passed, and for others both paths side by side."""
    for one in verdicts:
        if one.passed:
            yield f"ok      {one.journey}  {one.name}"
        else:
            yield f"FAILED  {one.journey}  {one.name}"
            yield f"        {one.path.as_posix()}:{one.line}"
            yield from _difference(one)
    failed = sum(not one.passed for one in verdicts)
    yield f"{len(verdicts)} scenarios, {failed or 'none'} failed"


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "journey": verdict.journey,
        "name": verdict.name,
        "file": verdict.path.as_posix(),
        "line": verdict.line,
        "passed": verdict.passed,
        "instances": [_instance_facts(one) for one in verdict.instances],
        "expected_gone": verdict.expected_gone,
        "gone": verdict.gone,
        "complaints": verdict.complaints,
    }


def _instance_facts(one: Instance) -> dict[str, Any]:
    expected = None if one.expected is None else [
        step.model_dump(exclude_unset=True) for step in one.expected
    ]  # fmt: skip
    happened = None if one.happened is None else [vars(step) for step in one.happened]
    return {
        "who": one.who,
        "key": one.key,
        "as_expected": one.is_as_expected,
        "expected": expected,
        "happened": happened,
    }


def _difference(verdict: Verdict) -> Iterator[str]:
    for complaint in verdict.complaints:
        yield f"        {complaint}"
    for one in verdict.instances:
        if not one.is_as_expected:
            yield f"        {one.who}{f', {one.key}' if one.key else ''}"
            yield from _side_by_side(one)
    if verdict.expected_gone not in (None, verdict.gone):
        yield f"        expected to be gone  {_gone(verdict.expected_gone or ())}"
        yield f"        gone                 {_gone(verdict.gone)}"


def _side_by_side(one: Instance) -> Iterator[str]:
    pairs = list(zip_longest(one.expected or (), one.happened or ()))
    left = [_expected(expected) for expected, _ in pairs]
    width = max(len(text) for text in ("expected", "no instance", *left)) + _GAP
    yield f"          {'expected':<{width}}happened"
    if one.expected is None or one.happened is None:
        left[0] = left[0] or "no instance"
    for (expected, happened), text in zip(pairs, left, strict=True):
        same = expected is not None and happened is not None and is_same(expected, happened)
        right = _happened(happened) or ("no instance" if one.happened is None else "")
        yield f"        {' ' if same else '!'} {text:<{width}}{right}".rstrip()


def _expected(step: ExpectedStep | None) -> str:
    if step is None:
        return ""
    action = (step.do or "no action") if step.says_action else None
    return _words(step.step, f"{step.reached:%Y-%m-%d %H:%M}" if step.reached else None, action)


def _happened(step: ReachedStep | None) -> str:
    return "" if step is None else _words(step.step, f"{step.reached:%Y-%m-%d %H:%M}", step.do)


def _words(*parts: str | None) -> str:
    return "  ".join(part for part in parts if part)


def _gone(gone: tuple[tuple[str, str | None, str], ...]) -> str:
    return "; ".join(_words(*one) for one in gone) or "nobody"
