"""Baton: customer journey orchestration inside the warehouse."""
