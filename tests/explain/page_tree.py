"""A page as a tree: it is well-formed, so that what is asked of it is asked of elements."""

from dataclasses import dataclass
from xml.etree import ElementTree

from baton.explain import Mask, page

Element = ElementTree.Element


@dataclass(frozen=True)
class Shown:
    """A page that was rendered: its source and its root element."""

    source: str
    root: Element

    def one(self, path):
        """Return the only element at `path`."""
        (found,) = self.root.findall(path)
        return found

    def section(self, anchor):
        """Return a section by its anchor."""
        return self.one(f".//section[@id='{anchor}']")

    def table(self, caption, within=None):
        """Return the rows of the table with that caption, each by its heads."""
        found = [
            one
            for one in (self.root if within is None else within).iter("table")
            if text(one.find("caption")) == caption
        ]
        (table,) = found
        heads = [text(one) for one in table.iter("th")]
        rows = table.find("tbody")
        return [dict(zip(heads, map(text, row), strict=True)) for row in rows]

    def decisions(self):
        """Return what unfolds in the time line."""
        return self.section("timeline").findall(".//details")


def shown(told, *, is_masked=True):
    """Render a story."""
    source = page(told, Mask(is_on=is_masked))
    root = ElementTree.fromstring(source.removeprefix("<!doctype html>"))  # noqa: S314  # our own
    return Shown(source, root)


def text(element):
    """Return the text of an element, its parts apart by a space."""
    return " ".join(" ".join(element.itertext()).split())
