"""Release: rules become rows when someone activates them by `baton release`, never by itself."""

from dagster_defs.sources import release_tables

rules = release_tables()
