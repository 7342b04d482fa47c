"""The story as one HTML page that stands alone and prints: no script, no network."""

from baton.explain.page.masks import Mask
from baton.explain.page.render import page

__all__ = ["Mask", "page"]
