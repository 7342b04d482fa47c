"""Dagster over Baton: definitions by stage that call `baton` and `activation`, nothing else."""
