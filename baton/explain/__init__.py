"""Why did this customer get that? Answered by rows alone."""

from baton.explain.show import print_story
from baton.explain.story import story

__all__ = ["print_story", "story"]
