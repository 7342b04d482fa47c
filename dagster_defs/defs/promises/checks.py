"""Promises of speed, checked when a build asks; the continuous run tells of them by itself."""

from collections.abc import Iterator

import dagster as dg

from baton.promises import measure
from baton.warehouse import reader
from dagster_defs import speed
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words


@dg.multi_asset_check(
    name="promises",
    specs=speed.check_specs(),
    can_subset=True,
    pool=WRITER_POOL,
    description="Whether messages are as quick, and inputs as fresh, as was promised.",
)
def promises(
    context: dg.AssetCheckExecutionContext, baton: BatonResource
) -> Iterator[dg.AssetCheckResult]:
    """Read how the promises stand at the time of the last batch."""
    with in_dagster_words(), reader(baton.project().warehouse) as con:
        found = measure(con, baton.micro_batch().dbt)
    known = {key.to_user_string() for key in context.selected_asset_check_keys}
    for one in speed.results(found):
        key = dg.AssetCheckKey(dg.AssetKey.from_coercible(one.asset_key or []), str(one.check_name))
        if key.to_user_string() in known:
            yield one
