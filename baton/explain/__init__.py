"""Why did this customer get that? Answered by rows alone."""

from baton.explain.page import Mask, page
from baton.explain.show import print_story
from baton.explain.story import story

__all__ = ["Mask", "page", "print_story", "story"]
