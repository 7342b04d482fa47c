"""Random cards and histories through the fold, compared with `reference` after every window."""
