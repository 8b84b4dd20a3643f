"""Fetches openrosa-xpath-evaluator's tests and runs them against our evaluator.

The package (Apache-2.0) is fetched with npm into a cache folder at test time; nothing of it
is kept here. `run.js` runs its integration tests under Node with a DOM, and asks us for the
value of every expression over standard input and output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from xml.etree.ElementTree import ElementTree, TreeBuilder, XMLParser, fromstring
from zoneinfo import ZoneInfo

from elementpath.tree_builders import get_node_tree
from elementpath.xpath_nodes import AttributeNode, DocumentNode, ElementNode, XPathNode

from conversations.survey import functions  # noqa: F401
from conversations.survey.context import Context
from conversations.survey.values import (
    ExpressionError,
    number_text,
    to_boolean,
    to_number,
    to_string,
)
from conversations.survey.xpath import Expression

PACKAGES = ("openrosa-xpath-evaluator@3.1.0", "chai@4.5.0", "jsdom@22.1.0", "lodash@4.17.21")
PHOENIX = ZoneInfo("America/Phoenix")
"""The zone the package's own tests are run in."""
NAMESPACES = {
    "xhtml": "http://www.w3.org/1999/xhtml",
    "mathml": "http://www.w3.org/1998/Math/MathML",
}

_PREFIX = re.compile(r"""xmlns:([\w-]+)=["']([^"']+)["']""")


class Unavailable(Exception):
    """npm or node is not here, or the package can't be fetched."""


def fetch(cache: Path) -> Path:
    """The folder with the packages, installed on the first call."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise Unavailable("npm and node are needed")
    marker = cache / "installed"
    if not marker.exists():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "package.json").write_text('{"name": "conformance", "private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                   "--legacy-peer-deps", *PACKAGES]  # fmt: skip
        done = subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(done.stderr[-500:])
        marker.touch()
    return cache


class Surroundings:
    """What expressions see in these tests."""

    zone = PHOENIX
    locale = "en"
    random = Random(1)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def instance(self, name: str) -> XPathNode | None:
        return None

    def absolute(self, path: str, current: XPathNode) -> list[XPathNode] | None:
        return None

    def itext(self, key: str) -> str:
        return key

    def choice_name(self, value: str, path: str) -> str:
        return value


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The value of one expression, in every form the tests may ask for."""
    try:
        builder = TreeBuilder(insert_comments=True, insert_pis=True)
        root = fromstring(question["xml"], XMLParser(target=builder))  # noqa: S314
        document = get_node_tree(ElementTree(root))
        context = Context(document)
        context.env = Surroundings()
        if question["node"] is None:
            return {"error": "a node outside any document"}
        node = _find(document, question["node"])
        declared = dict(_PREFIX.findall(question["xml"]))
        value = Expression(question["expression"], {**declared, **NAMESPACES}).evaluate(
            context.at(node)
        )
        return _described(value, document)
    except ExpressionError as error:
        return {"error": str(error)}


def _described(value: Any, document: XPathNode) -> dict[str, Any]:
    kind = "boolean" if isinstance(value, bool) else "number" if isinstance(value, float) else ""
    described = {
        "type": "nodes" if isinstance(value, list) else kind or "string",
        "string": to_string(value),
        "number": number_text(to_number(value, PHOENIX)),
        "boolean": to_boolean(value),
    }
    if isinstance(value, list):
        described["nodes"] = [_path(node) for node in value]
    return described


def _find(document: Any, steps: list[Any]) -> Any:
    node = document
    for step in steps:
        if step == "root":
            node = document.getroot()
        elif isinstance(step, str):
            node = next(a for a in node.attributes if a.name == step[1:])
        else:
            node = node.children[step]
    return node


def _path(node: Any) -> list[Any]:
    steps: list[Any] = []
    if isinstance(node, AttributeNode):
        steps.append(f"@{node.name}")
        node = node.parent
    while not isinstance(node, DocumentNode):
        parent = node.parent
        if parent is None:
            break
        if isinstance(parent, DocumentNode):
            steps.insert(0, "root" if isinstance(node, ElementNode) else 0)
        else:
            places = [place for place, child in enumerate(parent.children) if child is node]
            if not places:
                raise ExpressionError("a node that has no place among children")
            steps.insert(0, places[0])
        node = parent
    return steps


def run(home: Path, only: str = "") -> list[dict[str, Any]]:
    """Every assertion: its spec, test, whether it passed, and what went wrong."""
    script = Path(__file__).with_name("run.js")
    environment = {**os.environ, "TZ": "America/Phoenix"}
    process = subprocess.Popen(
        ["node", str(script), str(home), only],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if "report" in message:
                report: list[dict[str, Any]] = message["report"]
                return report
            process.stdin.write(json.dumps(answer(message)) + "\n")
            process.stdin.flush()
    raise RuntimeError("the tests ended without a report")
