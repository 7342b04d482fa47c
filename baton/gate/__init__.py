"""The change gate: what a change of cards, policies or SQL would do, before it does it."""
