"""The instance of a case as a tree that XPath can walk."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from xml.etree.ElementTree import Element

from elementpath.xpath_nodes import EtreeElementNode, TextNode, XPathNode

from conversations.survey.case import Case, path_of
from conversations.survey.form import Form, Node


class Tree:
    """Every node of a case: by its place, and by the absolute path expressions know it by."""

    def __init__(self, form: Form, case: Case) -> None:
        self.form = form
        self.case = case
        self.by_ref: dict[str, EtreeElementNode] = {}
        self.by_path: dict[str, list[EtreeElementNode]] = defaultdict(list)
        self.refs: dict[XPathNode, str] = {}
        self._position = 1
        self.top = EtreeElementNode(Element("instance"))
        self.root = self._grow(form.root, self.top, form.root_name, "", f"/{form.root_name}")

    def _grow(
        self, node: Node, parent: EtreeElementNode, name: str, ref: str, path: str
    ) -> EtreeElementNode:
        element = Element(name)
        within: Any = parent.value
        within.append(element)
        self._position += 4
        grown = EtreeElementNode(element, parent, self._position)
        self.by_ref[ref] = grown
        self.by_path[path].append(grown)
        self.refs[grown] = ref
        if node.children:
            self._grow_children(node, grown, ref, path)
        else:
            text = self.case.values.get(ref, "")
            if text and (not self.case.off or self.case.is_on(ref)):
                self._write(grown, text)
        return grown

    def _grow_children(self, node: Node, grown: EtreeElementNode, ref: str, path: str) -> None:
        for child in node.children:
            child_ref = f"{ref}/{child.name}" if ref else child.name
            child_path = f"{path}/{child.name}"
            if child.kind == "repeat":
                for place in range(1, self.case.counts.get(child_ref, 0) + 1):
                    self._grow(child, grown, child.name, f"{child_ref}[{place}]", child_path)
            else:
                self._grow(child, grown, child.name, child_ref, child_path)

    @staticmethod
    def _write(node: EtreeElementNode, text: str) -> None:
        element: Any = node.value
        element.text = text or None
        node.children[:] = []
        if text:
            TextNode(text, node, node.position + 2)

    def refresh(self, ref: str) -> None:
        """Write what the case now says at `ref`, and in all that lies in it, into the tree."""
        node = self.by_ref.get(ref)
        if node is None:
            return
        waiting = [node]
        while waiting:
            current = waiting.pop()
            inner = [child for child in current.children if isinstance(child, EtreeElementNode)]
            if inner:
                waiting.extend(inner)
                continue
            place = self.refs[current]
            if not self.form.nodes[path_of(place)].children:
                on = not self.case.off or self.case.is_on(place)
                self._write(current, self.case.values.get(place, "") if on else "")

    def nearest(self, path: str, current: XPathNode) -> list[XPathNode]:
        """The nodes of an absolute path, of the repeat `current` stands in where it does so.

        JavaRosa reads absolute paths this way (TreeReference.contextualize). What is not
        relevant is not there.
        """
        found: list[XPathNode] = list(self.by_path.get(path, ()))
        off = self.case.off
        if off:
            found = [node for node in found if self.case.is_on(self.refs[node])]
        if len(found) < 2:
            return found
        here = self.refs.get(current, "").split("/")
        there = [self.refs[node].split("/") for node in found]
        for depth, name in enumerate(here):
            if "[" not in name or depth >= len(there[0]) - 1:
                continue
            same = [place for place in there if place[: depth + 1] == here[: depth + 1]]
            if same and all(
                place[depth].startswith(name.partition("[")[0] + "[") for place in there
            ):
                there = same
        kept = {"/".join(place) for place in there}
        return [node for node in found if self.refs[node] in kept]
