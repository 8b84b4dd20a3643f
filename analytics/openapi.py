"""The API described: once as OpenAPI 3.1 for programs, once as a page for people."""

from __future__ import annotations

from html import escape
from typing import Any

from analytics.datasets import NAMES, RECORDS

_TEXT: dict[str, Any] = {"type": "string"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
_NO: dict[str, Any] = {"type": "boolean", "default": False}


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values), "default": values[0]}


PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "form": ("The form's id; answers, paradata and scorecards need one.", _TEXT),
    "version": ("Only this version of the form; else all, merged.", _TEXT),
    "campaign": ("Only this campaign.", _TEXT),
    "profile": ("public: what is safe for everybody.", _one_of("restricted", "public")),
    "project": ("Names the key of pseudonyms.", _TEXT),
    "cutoff": ("The state at this moment; now if left out.", _MOMENT),
    "since": ("Only what changed after this moment.", _MOMENT),
    "started_from": ("Cases begun from here on.", _MOMENT),
    "started_to": ("Cases begun before this.", _MOMENT),
    "language": ("Labels in this language: mn, en.", _TEXT),
    "labels": ("Labels of choices instead of their names.", _NO),
    "separator": (
        "Between groups in column names.",
        {"type": "string", "maxLength": 3, "default": "/"},
    ),
    "hierarchy": ("Groups in column names.", {"type": "boolean", "default": True}),
    "multiple": ("Questions with several answers.", _one_of("single", "dummies", "both")),
    "long": ("A row a case and question.", _NO),
    "tests": ("Also the test cases.", _NO),
    "fields": ("Only these columns, with commas between.", _TEXT),
    "where": ("COLUMN=VALUE; repeatable.", {"type": "array", "items": {"type": "string"}}),
    "places": ("Codes of units, each with all beneath it, with commas between.", _TEXT),
    "exact": ("CSV without the mark before what looks like a formula.", _NO),
    "traits": ("Public: further columns others may know of a person.", _TEXT),
    "minimum": (
        "Public: fewest cases alike.",
        {"type": "integer", "minimum": 3, "maximum": 100, "default": 5},
    ),
}
PAGING: dict[str, tuple[str, dict[str, Any]]] = {
    "table": ("A table of a repeat; else the first.", _TEXT),
    "limit": (
        "JSON: rows a page.",
        {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1000},
    ),
    "cursor": ("JSON: `next` of the page before.", _TEXT),
}
ERRORS = {
    "400": "The request says something impossible; `detail` tells what would be right.",
    "401": "No token, or none that holds.",
    "403": "The token is not for this data set or place.",
    "404": "There is no such data set or table.",
    "406": "None of the formats in Accept is made here.",
    "410": "The data has changed since the first page; begin again.",
    "429": "Too many requests; wait as long as Retry-After says.",
}


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Onoo data API",
            "version": "1",
            "description": "Read-only access to answers, conversations and scorecards.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/forms": {
                "get": _operation("Published forms and their versions", {}, ("application/json",))
            },
            "/data/{dataset}": {
                "get": _operation(
                    "A data set: pages of JSON, or a whole file",
                    {**PARAMETERS, **PAGING},
                    ("application/json", "text/csv", "application/vnd.apache.parquet"),
                    dataset=True,
                )
            },
            "/data/{dataset}/datapackage.json": {
                "get": _operation(
                    "The columns of a data set (Frictionless Table Schema)",
                    PARAMETERS,
                    ("application/json",),
                    dataset=True,
                )
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["status", "detail"],
                    "properties": {"status": {"type": "integer"}, "detail": {"type": "string"}},
                },
                "Page": {
                    "type": "object",
                    "required": ["cutoff", "next", "data"],
                    "properties": {
                        "cutoff": {"type": "string", "format": "date-time"},
                        "next": {"type": ["string", "null"]},
                        "data": {"type": "array", "items": {"type": "object"}},
                    },
                },
            },
        },
    }


def _operation(
    summary: str,
    parameters: dict[str, tuple[str, dict[str, Any]]],
    kinds: tuple[str, ...],
    *,
    dataset: bool = False,
) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    if dataset:
        listed.append(
            {"name": "dataset", "in": "path", "required": True,
             "schema": {"type": "string", "enum": list(NAMES)}}
        )  # fmt: skip
    listed += [
        {"name": name, "in": "query", "description": told, "schema": schema}
        for name, (told, schema) in parameters.items()
    ]
    content = {
        kind: {"schema": {"$ref": "#/components/schemas/Page"}}
        if kind == "application/json" and dataset and "cursor" in parameters
        else {}
        for kind in kinds
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {"200": {"description": "As asked", "content": content}}
    if "application/json" in kinds and dataset:
        responses["304"] = {"description": "Nothing changed since the ETag in If-None-Match"}
    responses |= {code: {"description": t, "content": problem} for code, t in ERRORS.items()}
    return {"summary": summary, "parameters": listed, "responses": responses}


def page() -> str:
    """The description to read, without anything from elsewhere."""
    parts = [_HEAD]
    for path, operations in description()["paths"].items():
        operation = operations["get"]
        summary = escape(operation["summary"])
        parts.append(f"<h2><code>GET /api/v1{escape(path)}</code></h2><p>{summary}.</p>")
        rows = "".join(_row(one) for one in operation["parameters"])
        if rows:
            parts.append(f"<div><table><tr><th>name<th>type<th>meaning</tr>{rows}</table></div>")
        kinds = operation["responses"]["200"]["content"]
        parts.append(f"<p>Accept: <code>{escape(', '.join(kinds))}</code></p>")
    titles = {name: RECORDS[name].title if name in RECORDS else "" for name in NAMES}
    names = "".join(f"<li><code>{name}</code> {escape(titles[name])}" for name in NAMES)
    errors = "".join(f"<tr><td>{code}<td>{escape(told)}</tr>" for code, told in ERRORS.items())
    parts.append(f"<h2>Data sets</h2><ul>{names}</ul><h2>Errors</h2><table>{errors}</table>")
    return "".join([*parts, "</main></html>"])


def _row(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    kind = " | ".join(schema["enum"]) if "enum" in schema else schema["type"]
    if "default" in schema:
        kind += f" = {str(schema['default']).lower()}"
    told = escape(parameter.get("description", ""))
    return f"<tr><td><code>{escape(parameter['name'])}</code><td>{escape(kind)}<td>{told}</tr>"


_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Onoo data API</title>
<style>body{font:16px/1.5 sans-serif;margin:0;color:#1b1b1b;background:#fff}
main{max-width:52rem;margin:auto;padding:1rem}div{overflow-x:auto}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;
text-align:left;vertical-align:top}code{background:#f2f2f2;padding:0 .2rem}
pre{background:#f2f2f2;padding:.6rem;overflow-x:auto}</style><main><h1>Onoo data API</h1>
<p>Read-only. Send a token with every request; analysts make theirs in the console. The same is
described for programs at <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<pre>curl -H "Authorization: Bearer $ONOO_TOKEN" -H "Accept: text/csv" \\
  "https://…/api/v1/data/answers?form=school"</pre>
<p>JSON comes in pages: follow <code>next</code> until it is null. All pages of one answer show
the same moment. Files may be resumed with Range.</p>"""
