"""Random histories through the whole warehouse, compared with `reference`."""
