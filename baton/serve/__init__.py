"""A small HTTP service beside the journal: preference links, and contexts of hand-offs."""
