"""Random passes through the decision models, compared with `reference.decisions` after each."""
