"""What `addresses.phone` says of numbers as they are mostly written, as SQL for a million of them.

The conditions are those of the numbering plans that `phonenumbers` has: null is not "no number",
but "ask `addresses.phone`".
"""

from collections.abc import Iterable, Iterator
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from baton.intake.sql import text

_PLAIN = text(r"^\+?[0-9]{4,20}$")
_SPACE = "' ().-/', ''"
_LONGEST = 60


def bare_phone(expression: str) -> str:
    """Return the SQL of a number without punctuation, null where that is no number."""
    return (
        f"case when regexp_matches({expression}, {_PLAIN}) then {expression} "
        f"when length({expression}) <= {_LONGEST} then translate({expression}, {_SPACE}) end"
    )


def plain_phone(bare: str, region: str, regions: Iterable[str]) -> str:
    """Return the SQL of a bare number's spelling.

    `region` is an expression that yields one of `regions`, or anything else.
    """
    national = " ".join(
        f"when {region} = {text(one)} then {_national(bare, one)}" for one in sorted(set(regions))
    )
    accepted, refused = _international()
    return f"""case when regexp_matches({bare}, {_PLAIN}) then case
        when {bare} like '+%' then case
            when regexp_matches({bare}, {accepted}) and not regexp_matches({bare}, {refused})
            then {bare} end
        {national} end end"""


@cache
def _international() -> tuple[str, str]:
    """Patterns of numbers with + that are complete, and of those that may have a prefix to drop."""
    accepted, refused = list[str](), list[str]()
    for code, plan in _plans():
        lengths = "|".join(f"[0-9]{{{one}}}" for one in _lengths(plan))
        accepted.append(f"{code}(?:{lengths})")
        if plan.national_prefix_for_parsing:
            refused.append(f"{code}(?:{plan.national_prefix_for_parsing})")
    return text(rf"^\+(?:{'|'.join(accepted)})$"), text(rf"^\+(?:{'|'.join(refused)})")


def _plans() -> Iterator[tuple[int, PhoneMetadata]]:
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        plan = PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
        if plan is not None and _lengths(plan):
            yield code, plan


@cache
def _national(bare: str, region: str) -> str:
    """A number without +: as it is, after its national prefix, or after the country code."""
    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None:
        return "null"
    code, lengths, whole = str(plan.country_code), _lengths(plan), _pattern(plan)
    prefix = plan.national_prefix_for_parsing
    starts = f"regexp_matches({bare}, {text(f'^(?:{prefix})')})" if prefix else "false"
    cases = [
        f"when regexp_matches({bare}, {text(f'^(?:{plan.international_prefix})')}) then null"
        if plan.international_prefix
        else "",
        _after_code(bare, plan, code),
        f"when not {starts} and length({bare}) in {_listed(lengths)} "
        f"then {text(f'+{code}')} || {bare}",
    ]
    if (
        prefix
        and whole
        and "(" not in prefix.replace("(?:", "")
        and not plan.national_prefix_transform_rule
    ):
        rest = f"regexp_replace({bare}, {text(f'^(?:{prefix})')}, '')"
        cases.append(
            f"when {starts} and length({rest}) in {_listed(lengths)} "
            f"and not regexp_full_match({bare}, {text(whole)}) "
            f"then {text(f'+{code}')} || {rest}"
        )
    return f"case {' '.join(cases)} end"


def _after_code(bare: str, plan: PhoneMetadata, code: str) -> str:
    """One that begins with the country code: that is it if the number is too long otherwise."""
    lengths, rest = _lengths(plan), f"substr({bare}, {len(code) + 1})"
    prefix = plan.national_prefix_for_parsing
    is_bare = f"not regexp_matches({rest}, {text(f'^(?:{prefix})')})" if prefix else "true"
    return (
        f"when {bare} like '{code}%' then case when length({bare}) > {max(lengths)} "
        f"and length({rest}) in {_listed(lengths)} and {is_bare} "
        f"then {text(f'+{code}')} || {rest} end"
    )


def _lengths(plan: PhoneMetadata) -> tuple[int, ...]:
    return tuple(plan.general_desc.possible_length) if plan.general_desc else ()


def _pattern(plan: PhoneMetadata) -> str | None:
    return plan.general_desc.national_number_pattern if plan.general_desc else None


def _listed(lengths: Iterable[int]) -> str:
    return f"({', '.join(map(str, lengths))})"
