"""Templates: declared variables, a sandbox, one directory each, parts per locale.

`<directory>/<name>/template.yml` says channel and variables; `<locale>.<part>.j2` are the texts,
`<brand>/<locale>.<part>.j2` those of one brand. Parts: email subject, text and html (optional); sms
text; task title and text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2 import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, ValidationError

from activation.exchange import Unsendable
from baton.errors import UsageError

Channel = Literal["email", "sms", "task"]
_REQUIRED: dict[Channel, tuple[str, ...]] = {
    "email": ("subject", "text"),
    "sms": ("text",),
    "task": ("title", "text"),
}
_OPTIONAL: dict[Channel, tuple[str, ...]] = {"email": ("html",), "sms": (), "task": ()}
_HEADERS = frozenset({"subject", "title"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Variable(BaseModel):
    """A declared variable; without default it must be given."""

    model_config = ConfigDict(extra="forbid")
    default: str | None = None


class Declaration(BaseModel):
    """`template.yml`."""

    model_config = ConfigDict(extra="forbid")
    channel: Channel
    default_locale: str = "en"
    variables: dict[str, Variable]


Parts = Mapping[str, Compiled]
Locales = Mapping[str, Parts]


@dataclass(frozen=True)
class Template:
    """A checked template: compiled texts by brand (null: of any), locale and part."""

    name: str
    declaration: Declaration
    texts: Mapping[str | None, Locales]

    def parts_for(self, brand: str | None, wanted: str | None) -> Parts:
        """The parts in the wanted locale, else its language, else the default: `de-AT`, `de`, `en`.

        Of the same language those of the brand come first; a language goes before a brand.
        """
        exact = (wanted or "").replace("_", "-")
        own, common = self.texts.get(brand, {}), self.texts[None]
        for locale in (exact, exact.split("-", maxsplit=1)[0], self.declaration.default_locale):
            for texts in (own, common):
                if locale in texts:
                    return texts[locale]
        raise KeyError(self.declaration.default_locale)  # a checked template has it


class Templates:
    """The templates of one directory, read and checked once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._loaded: dict[str, Template] = {}
        self._environments = {html: sandbox(autoescape=html) for html in (True, False)}

    def get(self, name: str) -> Template:
        """A template. Raises UsageError when it is missing, incomplete or undeclared in part."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def render(
        self,
        name: str,
        variables: Mapping[str, object],
        *,
        brand: str | None = None,
        locale: str | None = None,
    ) -> dict[str, str]:
        """The parts of a template by name. Raises Unsendable with a code, never with a value."""
        template = self.get(name)
        values = _values(template.declaration, variables)
        texts = template.parts_for(brand, locale)
        return {part: _render(part, text, values) for part, text in texts.items()}

    def _load(self, name: str) -> Template:
        directory = self._directory / name
        declaration = _declaration(directory)
        texts: dict[str | None, Locales] = {None: self._texts(directory, declaration)}
        if declaration.default_locale not in texts[None]:
            raise _problem(directory, f"has no {declaration.default_locale!r}", "add that locale")
        for brand in sorted(one for one in directory.iterdir() if one.is_dir()):
            texts[brand.name] = self._texts(brand, declaration)
        return Template(name, declaration, texts)

    def _texts(self, directory: Path, declaration: Declaration) -> Locales:
        texts: dict[str, dict[str, Compiled]] = {}
        for file in sorted(directory.glob("*.j2")):
            locale, _, part = file.stem.rpartition(".")
            texts.setdefault(locale, {})[part] = self._compile(file, part, declaration)
        _check_parts(directory, declaration, texts)
        return texts

    def _compile(self, file: Path, part: str, declaration: Declaration) -> Compiled:
        environment = self._environments[part == "html"]
        source = file.read_text("utf-8").rstrip("\n")
        try:
            used = meta.find_undeclared_variables(environment.parse(source))
            compiled = environment.from_string(source)
        except TemplateError as error:
            raise _problem(file, f"cannot be read: {error.message}", "mend the syntax") from error
        if unknown := used - declaration.variables.keys():
            names = ", ".join(sorted(unknown))
            raise _problem(file, f"uses undeclared: {names}", "declare them in template.yml")
        return compiled


def _render(part: str, compiled: Compiled, values: Mapping[str, object]) -> str:
    try:
        text = compiled.render(values)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Unsendable(f"template_error {type(error).__name__}") from None
    if part in _HEADERS and _CONTROL.search(text.strip()):
        raise Unsendable(f"control_character_in {part}")
    return text.strip() if part in _HEADERS else text


def sandbox(
    *, autoescape: bool = False, finalize: Callable[[Any], Any] | None = None
) -> ImmutableSandboxedEnvironment:
    """Where templates run: nothing unsafe can be called, what is undefined is an error."""
    environment = ImmutableSandboxedEnvironment(
        autoescape=autoescape, undefined=StrictUndefined, finalize=finalize
    )
    environment.filters["money"] = _money
    return environment


def _money(value: object) -> str:
    return f"{float(str(value)):,.2f}"


def _values(declaration: Declaration, given: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, variable in declaration.variables.items():
        value = given.get(name)
        value = variable.default if value is None else value
        if value is None:
            raise Unsendable(f"missing_variable {name}")
        values[name] = value
    return values


def _declaration(directory: Path) -> Declaration:
    file = directory / "template.yml"
    try:
        return Declaration.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except FileNotFoundError as error:
        raise _problem(file, "does not exist", "add it, or name another template") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise _problem(file, f"is not valid: {error}", "see another template.yml") from error


def _check_parts(
    directory: Path, declaration: Declaration, texts: Mapping[str, Mapping[str, object]]
) -> None:
    required, optional = _REQUIRED[declaration.channel], _OPTIONAL[declaration.channel]
    for locale, parts in texts.items():
        if missing := set(required) - parts.keys():
            raise _problem(directory, f"{locale} has no {sorted(missing)}", "add those files")
        if unknown := parts.keys() - {*required, *optional}:
            raise _problem(directory, f"{locale} has unknown {sorted(unknown)}", "rename them")


def _problem(where: Path, what: str, mend: str) -> UsageError:
    return UsageError(f"the template {what}", where=f"{where.parent.name}/{where.name}", mend=mend)
