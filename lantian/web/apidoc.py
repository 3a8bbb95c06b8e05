"""The description of the HTTP API: OpenAPI with what every operation has in common, and a page for people."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.guard import Guard, caller
from lantian.city.verbs import verb_in_words
from lantian.kit.api import Problem, problem, problem_of
from lantian.kit.errors import DomainError
from lantian.web.api import api

PREFIX = "/api/v1"
METHODS = ("get", "post", "patch", "put", "delete")
REFUSALS = {
    "400": "the request is refused; the message says why",
    "401": "nobody is logged in, or the token is not valid",
    "403": "the caller's role does not carry the verb here",
    "404": "there is no such record, or it is not the caller's to see",
    "409": "the record changed meanwhile, or its state does not allow this",
    "413": "the request or the file is too large",
    "415": "this kind of file is not taken",
    "422": "the input is not as it should be; `field` names the first wrong one",
    "503": "the database is busy; try again",
}
TOKEN = {"type": "http", "scheme": "bearer", "description": "a token of the account page, `lt_…`"}
IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 8, "maxLength": 80},
    "description": "the same request with the same key is done once; the answer is given again for 7 days",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "the ETag that was read; does what `version` in the body does",
}


@functools.cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document (3.1): operations of all rooms with verb, refusals and the token scheme."""
    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX + "/")))
    schema["components"]["schemas"]["Problem"] = Problem.json_schema()
    schema["components"]["securitySchemes"] = {"token": TOKEN}
    verbs = dict(declared_verbs())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            operation["security"] = [{"token": []}]
            operation["x-verbs"] = list(verbs[path, method])
            _add_common(method, operation)
    return schema


def declared_verbs() -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    """Return [((path, method), verbs of which one is needed)] of every operation; none where a login is enough.

    Raises LookupError for an operation without a guard: nobody may forget one.
    """
    found = []
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            full = "/".join(part for part in (PREFIX, bound.prefix.strip("/"), path.strip("/")) if part)
            for operation in view.operations:
                guard = next(iter(operation.auth_callbacks), None)
                if not isinstance(guard, Guard):
                    raise LookupError(f"{operation.methods} {full} has no guard")
                found += [((full, method.lower()), guard.needs) for method in operation.methods]
    return found


def _add_common(method: str, operation: dict[str, Any]) -> None:
    words = operation.get("description", "").strip()
    operation["summary"] = " ".join(words.split("\n\n")[0].split()).rstrip(".") or operation["summary"]
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in REFUSALS.items():
        operation["responses"].setdefault(status, {"description": words, "content": refused})
    if method == "post":
        operation["parameters"].append(IDEMPOTENCY)
    body = json.dumps(operation.get("requestBody", {}))
    if method == "patch" or '"version"' in body:
        operation["parameters"].append(IF_MATCH)


def schema_view(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for anybody with a login or a token."""
    try:
        user = caller(request)
    except DomainError as error:
        return problem_of(error)
    if user is None:
        return problem(401, _("Nobody is logged in, or the token is not valid (any more)."))
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})


schema_view.needs = "login"  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Line:
    """One field of a body or of an answer, indented by its depth."""

    name: str
    kind: str
    required: bool
    words: str
    depth: int = 0


@dataclass
class Shown:
    """One operation as the page shows it."""

    method: str
    path: str
    summary: str
    words: str
    verbs: list[str]
    mine: bool
    parameters: list[dict[str, Any]] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    answer: list[Line] = field(default_factory=list)
    anchor: str = ""


@needs()
def docs(request: SignedRequest) -> HttpResponse:
    """The API for people: every operation with its verb, input and answer."""
    schema = openapi()
    may = scope_of(request.user).may
    groups: dict[str, list[Shown]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["Other"])[0]
            groups.setdefault(tag, []).append(_shown(schema, path, method, operation, may))
    context = {"title": _("The API"), "groups": groups, "count": sum(map(len, groups.values())), "prefix": PREFIX}
    return render(request, "web/api_docs.html", context)


def _shown(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any], may: Any) -> Shown:
    verbs = operation["x-verbs"]
    success: dict[str, Any] = next(
        (answer for status, answer in operation["responses"].items() if status.startswith("2")), {}
    )
    return Shown(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=operation.get("description", ""),
        verbs=[f"{verb_in_words(verb)} ({verb})" for verb in verbs],
        mine=not verbs or any(map(may, verbs)),
        parameters=[{**one, "kind": kind_of(one["schema"])} for one in operation["parameters"]],
        body=_lines(schema, operation.get("requestBody", {})),
        answer=_lines(schema, success),
        anchor=operation["operationId"],
    )


def _lines(schema: dict[str, Any], holder: dict[str, Any]) -> list[Line]:
    for content in holder.get("content", {}).values():
        return list(_fields(schema, content.get("schema", {}), 0))
    return []


def _fields(schema: dict[str, Any], node: dict[str, Any], depth: int) -> list[Line]:
    """Return the fields of an object, those of objects inside it below them (to a depth of two)."""
    node = _resolved(schema, node)
    if "items" in node:
        return _fields(schema, node["items"], depth)
    lines: list[Line] = []
    required = set(node.get("required", ()))
    for name, one in node.get("properties", {}).items():
        lines.append(Line(name, kind_of(one), name in required, one.get("description", ""), depth))
        if depth < 2:
            lines += _fields(schema, one, depth + 1)
    return lines


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for alternative in node.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _resolved(schema, alternative)
    if "$ref" in node:
        found: dict[str, Any] = schema["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def kind_of(node: dict[str, Any]) -> str:
    """Say a schema's type in a few characters: "integer", "one of a | b", "[PlaceRef]", "date or null"."""
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(kind_of(one) for one in node["anyOf"]))
    if "$ref" in node:
        return str(node["$ref"].rsplit("/", 1)[-1])
    if "enum" in node:
        return " | ".join(str(value) for value in node["enum"])
    if node.get("type") == "array":
        return f"[{kind_of(node.get('items', {}))}]"
    return str(node.get("format") or node.get("const") or node.get("type") or "any")
