"""Templates inside the settings: texts, URLs, and structures whose strings are templates.

They run in the same sandbox as the texts of messages; what is undefined, or null inside a text,
makes the item unsendable. Errors name the key, never a value.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit

from jinja2 import TemplateError, TemplateRuntimeError, Undefined, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activation.exchange import Unsendable
from activation.templates import sandbox

Values = Mapping[str, object]


class _Omit:
    """The value of `omit`: a key or an entry that has it is left out."""

    def __str__(self) -> str:
        raise TemplateRuntimeError("omit inside a text")


OMIT = _Omit()


@dataclass(frozen=True)
class Expression:
    """Something compiled, the key it stands under, the variables it uses, and its parts."""

    key: str
    uses: frozenset[str]
    run: Callable[[Values], Any]
    inner: tuple["Expression", ...] = ()

    def leaves(self) -> list["Expression"]:
        """The strings in it."""
        return [leaf for part in self.inner for leaf in part.leaves()] if self.inner else [self]

    def render(self, values: Values) -> Any:
        """The value. Raises Unsendable with the key as code."""
        try:
            return self.run({**values, "omit": OMIT})
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Unsendable(f"template_error {self.key} {type(error).__name__}") from None


def text(source: str, key: str) -> Expression:
    """A text. Raises ValueError when it cannot be read."""
    return _compile(_TEXT, source, key)


def url(source: str, key: str) -> Expression:
    """The part of a URL after the host; variables are percent-encoded whole."""
    template = _compile(_URL, source, key)
    return Expression(key, template.uses, lambda values: _safe_path(template.run(values)))


def structure(source: Any, key: str) -> Expression:
    """Objects and lists as they stand; a string that is one `{{ … }}` keeps the value's type."""
    if isinstance(source, dict):
        pairs = cast("dict[str, Any]", source).items()
        members = {name: structure(item, f"{key}.{name}") for name, item in pairs}
        return _group(key, members.values(), lambda values: _object(members, values))
    if isinstance(source, list):
        entries = cast("list[Any]", source)
        parts = [structure(item, f"{key}.{n}") for n, item in enumerate(entries)]
        return _group(key, parts, lambda values: _list(parts, values))
    if not isinstance(source, str):
        return Expression(key, frozenset(), lambda _values: source)
    return _lone_expression(source, key) or text(source, key)


def _object(members: Mapping[str, Expression], values: Values) -> dict[str, Any]:
    rendered = {name: member.render(values) for name, member in members.items()}
    return {name: value for name, value in rendered.items() if value is not OMIT}


def _list(parts: list[Expression], values: Values) -> list[Any]:
    rendered = [part.render(values) for part in parts]
    return [value for value in rendered if value is not OMIT]


def _lone_expression(source: str, key: str) -> Expression | None:
    try:
        tokens = list(_TEXT.lex(source))
    except TemplateError:
        return None
    kinds = [kind for _line, kind, _value in tokens]
    is_lone = kinds[:1] == ["variable_begin"] and kinds[-1] == "variable_end"
    if not is_lone or kinds.count("variable_begin") != 1:
        return None
    compiled = _compile(_TEXT, source, key)
    inner = "".join(value for _line, _kind, value in tokens[1:-1])
    evaluate = _TEXT.compile_expression(inner, undefined_to_none=False)
    return Expression(key, compiled.uses, lambda values: _defined(evaluate(values)))


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)
    return value


def _compile(environment: ImmutableSandboxedEnvironment, source: str, key: str) -> Expression:
    try:
        uses = meta.find_undeclared_variables(environment.parse(source))
        template = environment.from_string(source)
    except TemplateError as error:
        raise ValueError(f"{key}: cannot be read as a template: {error.message}") from None
    return Expression(key, frozenset(uses), template.render)


def _group(key: str, parts: Iterable[Expression], run: Callable[[Values], Any]) -> Expression:
    inner = tuple(parts)
    return Expression(key, frozenset[str]().union(*(part.uses for part in inner)), run, inner)


def _as_text(value: Any) -> str:
    if value is None:
        raise TemplateRuntimeError("null inside a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        raise TemplateRuntimeError("a structure inside a text: use tojson")
    return str(value)


def _as_url_part(value: Any) -> str:
    return quote(_as_text(value), safe="")


def _safe_path(rendered: str) -> str:
    if {".", ".."} & set(urlsplit(rendered).path.split("/")):
        raise ValueError("a path that climbs")
    return rendered


def _digest(algorithm: str) -> Callable[[object], str]:
    return lambda value: hashlib.new(algorithm, _as_text(value).encode()).hexdigest()


def _base64(value: object) -> str:
    return base64.b64encode(_as_text(value).encode()).decode()


def _base64url(value: object) -> str:
    return base64.urlsafe_b64encode(_as_text(value).encode()).decode()


def _environment(finalize: Callable[[Any], str]) -> ImmutableSandboxedEnvironment:
    environment = sandbox(finalize=finalize)
    environment.filters |= {
        "base64": _base64,
        "base64url": _base64url,
        "sha256": _digest("sha256"),
        "md5": _digest("md5"),
    }
    return environment


_TEXT = _environment(_as_text)
_URL = _environment(_as_url_part)
