"""Why did this customer get that? Answered by rows alone."""

from baton.explain.page import Mask, page
from baton.explain.show import print_story
from baton.explain.story import story
from baton.explain.subject import find

__all__ = ["Mask", "find", "page", "print_story", "story"]
