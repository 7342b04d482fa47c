"""The whole page: sections put in order, and through the template."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from baton.explain import say
from baton.explain.page import allowed, messages, standing, timeline, who
from baton.explain.page.masks import Mask
from baton.explain.page.parts import when
from baton.journeys.drawing.style import FONT, VARIABLES

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(story: dict[str, Any], mask: Mask) -> str:
    """Return the whole HTML document, personal values as `mask` shows them."""
    sections = [
        who.who(story, mask),
        allowed.allowed(story, mask),
        standing.standing(story, mask),
        timeline.timeline(story, mask),
        messages.sent(story, mask),
        messages.held(story, mask),
        standing.experiments(story),
    ]
    return _TEMPLATES.get_template("page.html.j2").render(
        name=who.name(story, mask),
        person_id=story["person_id"],
        facts=_facts(story),
        about=_about(story, mask),
        is_masked=mask.is_on,
        sections=sections,
        variables=VARIABLES,
        font=FONT,
    )


def _facts(story: dict[str, Any]) -> list[tuple[str, str]]:
    under_way = sum(one["status"] == "open" for one in story["instances"])
    gone = sum(messages.state(one) in {"accepted", "delivered"} for one in story["messages"])
    return [
        ("as of", f"{when(story['told_at'])} UTC"),
        ("journeys under way", str(under_way)),
        ("journeys in all", str(len(story["instances"]))),
        ("decisions", str(len(story["decisions"]))),
        ("sent or handed over", str(gone)),
    ]


def _about(story: dict[str, Any], mask: Mask) -> str | None:
    about = story["about"]
    if about is None:
        return None
    said, step = mask.text(say.message(about)), about["step"]
    if step is None:
        return f"{said}; its step of {say.name_of(about)} is no more"
    return f"{said}, because {say.name_of(about)} came to {step['step']}: {say.arrival(step)}"
