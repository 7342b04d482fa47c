"""Requests against vendors' published contracts, which lie beside the project and never in it.

Fails closed: an operation that is not found, a schema that cannot be read, a field, query value
or body of which the contract says nothing is an error, never a pass. What is shown is "conforms
to the published contract", not "works with the vendor".
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.exceptions import ValidationError
from swagger2 import upgraded
from werkzeug.datastructures import Headers, ImmutableMultiDict

ROOT = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"


def contract(name, **options):
    """The contract in `<shared>/contracts/<name>`; the test is skipped where there is none."""
    folder = Path(os.environ.get("BATON_SHARED") or ROOT.parent / "shared") / "contracts"
    if not folder.is_dir():
        pytest.skip("no published contracts here: set BATON_SHARED to the folder of `contracts`")
    return Contract(_document(folder / name), **options)


@cache
def _document(file):
    document = json.loads(file.read_text("utf-8"))
    return upgraded(document) if document.get("swagger") == "2.0" else document


class Contract:
    """One vendor's operations.

    `is_closed` refuses fields that an object with declared properties does not declare; it is
    turned off only for a vendor whose objects are open by their own words. `without_headers` names
    required headers that the vendor has replaced since.
    """

    def __init__(self, document, *, is_closed=True, without_headers=()):
        self._document = _adapted(document, frozenset(without_headers))
        policy = "forbid" if is_closed else "allow"
        config = Config(additional_properties_default_policy=policy)
        self._openapi = OpenAPI.from_dict(self._document, config=config)

    def accepts(self, request):
        """Fail unless the contract allows the request."""
        refusal = self._refusal(request)
        assert refusal is None, refusal

    def refuses(self, request):
        """Why the contract forbids the request; fails if it allows it, or does not know it."""
        refusal = self._refusal(request)
        assert refusal is not None, "the contract allows what it should refuse"
        return refusal

    def _refusal(self, request):
        seen = _Seen(request)
        operation = self._operation(seen)
        if unknown := self._undeclared(seen, operation):
            return f"undeclared: {unknown}"
        if "requestBody" in operation and not seen.body:
            return "no body"
        try:
            self._openapi.validate_request(seen)
        except ValidationError as error:
            causes = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
            return "; ".join(str(getattr(cause, "message", cause)) for cause in causes)
        return None

    def _operation(self, seen):
        """The operation that the request is; raises PathError when there is none."""
        finder = self._openapi.request_validator_cls(self._openapi.spec).path_finder
        found = finder.find(seen.method, seen.host_url + seen.path)
        with found.operation.resolve() as resolved, found.path.resolve() as path:
            shared = path.contents.get("parameters", [])
            return {**resolved.contents, "parameters": [*resolved.contents.get("parameters", []),
                                                        *shared]}  # fmt: skip

    def _undeclared(self, seen, operation):
        parameters = [self._resolved(one) for one in operation["parameters"]]
        queries = {one["name"] for one in parameters if one["in"] == "query"}
        unknown = sorted(set(seen.parameters.query) - queries)
        if "requestBody" not in operation:
            return unknown + (["a body"] if seen.body else [])
        content = self._resolved(operation["requestBody"])["content"]
        if seen.content_type == FORM and FORM in content:
            declared = self._resolved(content[FORM]["schema"])["properties"]
            fields = {name for name, _ in parse_qsl(seen.body.decode(), keep_blank_values=True)}
            unknown += sorted(fields - declared.keys())
        return unknown

    def _resolved(self, part):
        while "$ref" in part:
            place = self._document
            for step in part["$ref"].removeprefix("#/").split("/"):
                place = place[step.replace("~1", "/").replace("~0", "~")]
            part = place
        return part


class _Seen:
    """A request of ours as the validator reads requests."""

    def __init__(self, request):
        url = urlsplit(request.url)
        headers = Headers(dict(request.headers))
        self.host_url = f"{url.scheme}://{url.netloc}"
        self.path = url.path
        self.method = request.method.lower()
        self.content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        self.body = request.content
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(url.query, keep_blank_values=True)),
            header=headers,
        )


def _adapted(document, without_headers):
    """A copy in which objects without declared properties are open, since they name none.

    Raises re.error for a pattern that cannot be compiled.
    """

    def adapt(part, name=None):
        if isinstance(part, list):
            return [adapt(one) for one in part if not _is_replaced(one)]
        if not isinstance(part, dict):
            if name == "pattern":
                re.compile(part)
            return part
        copied = {key: adapt(value, key) for key, value in part.items()}
        is_object = copied.get("type") == "object"
        if is_object and not copied.keys() & {"properties", "additionalProperties", "allOf"}:
            copied["additionalProperties"] = True
        return copied

    def _is_replaced(one):
        is_header = isinstance(one, dict) and one.get("in") == "header"
        return is_header and one["name"] in without_headers

    return adapt(document)
