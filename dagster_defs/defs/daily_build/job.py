"""The plain path: intake, a build by dbt with all data tests as checks, activation."""

import dagster as dg

daily_build = dg.define_asset_job(
    "daily_build",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets("likeness_proposed"),
    description="Everything once, with all checks: intake, dbt build, hand-over, sending, lists.",
)
