"""The pages as HTML: no script, no cookie, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from baton.serve.texts import Text

_FOLDER = Path(__file__).with_name("pages")
_STYLE = (_FOLDER / "style.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


def render(
    name: str, text: Text, locale: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """A page by the name of its template, in one locale."""
    page = _environment.get_template(f"{name}.html.j2")
    content = page.render(t=text, locale=locale, style=_STYLE, **values)
    return HTMLResponse(content, status)


def plain(what: str, text: Text, locale: str, status: int) -> HTMLResponse:
    """A page that says one sentence and nothing else."""
    return render("plain", text, locale, status=status, what=what)


def _fill(text: str, **values: object) -> str:
    return text.format(**values)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_environment = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {"fill": _fill, "moment": _moment}
