"""Whole stories with real parts: files that land, batches, the sender, servers that receive."""
