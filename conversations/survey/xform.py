"""From the XForm that pyxform writes to a compiled form.

The ODK XForms specification (https://getodk.github.io/xforms-spec/) says what stands where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from elementpath.tree_builders import get_node_tree
from elementpath.xpath_nodes import XPathNode

from conversations.survey import functions, rules  # noqa: F401  (registers functions)
from conversations.survey.form import Action, Choice, ChoiceSource, Form, FormError, Node, Words
from conversations.survey.grammar import NAMESPACES
from conversations.survey.tables import parse_xml, plain, read_table, without_namespaces
from conversations.survey.xpath import Expression, expression

XFORMS = "{http://www.w3.org/2002/xforms}"
JR = f"{{{NAMESPACES['jr']}}}"
ODK = f"{{{NAMESPACES['odk']}}}"
HTML = f"{{{NAMESPACES['h']}}}"

_BY_TYPE = {
    "int": "integer", "decimal": "decimal", "date": "date", "time": "time",
    "dateTime": "datetime", "geopoint": "geopoint",
}  # fmt: skip
_BY_MEDIA = {"image": "image", "audio": "audio", "video": "video"}
_CONTROLS = {
    f"{XFORMS}{name}"
    for name in ("input", "select1", "select", "trigger", "upload", "range", "secret")
} | {f"{ODK}rank"}


def compile_form(xml: str, files: Mapping[str, bytes] | None = None, version: str = "") -> Form:
    """The form an XForm describes; `files` are its tables (csv, xml, geojson) by name.

    A table that is not among them is empty, and named in `Form.missing`. Raises FormError when
    the XML is no XForm or a table can't be read. What an expression is worth shows when it is
    first needed, or at once by `Form.parse_all`.
    """
    try:
        document = parse_xml(xml)
    except ParseError as error:
        raise FormError(f"not an XForm: {error}") from error
    return _Compiler(document, files or {}, version).form()


class _Compiler:
    """Reads one XForm document, part by part."""

    def __init__(self, document: Element, files: Mapping[str, bytes], version: str) -> None:
        self.document = document
        self.files = files
        self.version = version
        model = document.find(f"{HTML}head/{XFORMS}model")
        body = document.find(f"{HTML}body")
        if model is None or body is None:
            raise FormError("not an XForm: it has no model or no body")
        self.model, self.body = model, body
        instance = model.find(f"{XFORMS}instance")
        if instance is None or not len(instance):
            raise FormError("the form has no primary instance")
        self.data = instance[0]
        self.root_name = plain(self.data.tag)
        self.nodes: dict[str, Node] = {}
        self.types: dict[str, str] = {}
        self.order: list[Node] = []
        self.languages: list[str] = []
        self.default_language = ""
        self.itext: dict[str, Words] = {}
        self.missing: list[str] = []

    def form(self) -> Form:
        """The whole form."""
        self._read_itext()
        root = Node("", "", "group")
        self._read_instance(self.data, root)
        for bind in self.model.iter(f"{XFORMS}bind"):
            self._read_bind(bind)
        self._read_body(self.body, root)
        self._read_actions()
        for number, node in enumerate(self.order):
            node.number = number
        form = Form(
            version=self.version,
            form_id=self.data.get("id") or self.root_name,
            title=(self.document.findtext(f"{HTML}head/{HTML}title") or "").strip(),
            root=root,
            order=tuple(self.order),
            nodes=self.nodes,
            languages=tuple(self.languages),
            default_language=self.default_language,
            tables=self._tables(),
            itext=self.itext,
            root_name=self.root_name,
        )
        form.missing = tuple(self.missing)
        rules.link(form)
        return form

    # -- words -----------------------------------------------------------------------------

    def _read_itext(self) -> None:
        for translation in self.model.iterfind(f"{XFORMS}itext/{XFORMS}translation"):
            language = translation.get("lang") or ""
            self.languages.append(language)
            if translation.get("default"):
                self.default_language = language
            for text in translation.iterfind(f"{XFORMS}text"):
                for value in text.iterfind(f"{XFORMS}value"):
                    key = f"{text.get('id')}#{value.get('form') or ''}"
                    parts = self._parts(value)
                    if parts and parts != ("-",):
                        self.itext.setdefault(key, {})[language] = parts
        if not self.default_language and self.languages:
            self.default_language = self.languages[0]

    def _parts(self, element: Element) -> tuple[str | Expression, ...]:
        parts: list[str | Expression] = [element.text or ""]
        for child in element:
            if plain(child.tag) == "output":
                source = child.get("value") or child.get("ref") or "''"
                parts.append(self._expression(source))
            parts.append(child.tail or "")
        parts = [part for part in parts if part != ""]
        if parts and isinstance(parts[0], str):
            parts[0] = parts[0].lstrip()
        if parts and isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip()
        return tuple(part for part in parts if part != "")

    def _words(self, element: Element | None, form: str = "") -> Words:
        if element is None:
            return {}
        reference = element.get("ref") or ""
        if reference.startswith("jr:itext("):
            return self._itext(reference[9:-1].strip("'\" "), form)
        if form:
            return {}
        parts = self._parts(element)
        return {"": parts} if parts else {}

    def _itext(self, key: str, form: str = "") -> Words:
        return self.itext.get(f"{key}#{form}") or (
            self.itext.get(f"{key}#long", {}) if not form else {}
        )

    # -- instance and binds ----------------------------------------------------------------

    def _read_instance(self, element: Element, parent: Node) -> None:
        for child in element:
            name = plain(child.tag)
            path = f"{parent.path}/{name}" if parent.path else name
            template = f"{JR}template" in child.attrib
            known = self.nodes.get(path)
            if known is not None:
                continue
            kind = "repeat" if template else "group" if len(child) else "hidden"
            node = Node(name, path, kind, parent, default=(child.text or "") * (not len(child)))
            parent.children.append(node)
            self.nodes[path] = node
            self._read_instance(child, node)

    def _read_bind(self, bind: Element) -> None:
        node = self.nodes.get(self._path(bind.get("nodeset") or ""))
        if node is None:
            return
        node.relevant = self._optional(bind.get("relevant"))
        node.calculate = self._optional(bind.get("calculate"))
        node.constraint = self._optional(bind.get("constraint"))
        node.required = self._optional(bind.get("required"))
        node.readonly = self._optional(bind.get("readonly"))
        node.constraint_message = self._message(bind.get(f"{JR}constraintMsg"))
        node.required_message = self._message(bind.get(f"{JR}requiredMsg"))
        node.preload = (bind.get(f"{JR}preload") or "", bind.get(f"{JR}preloadParams") or "")
        self.types[node.path] = _BY_TYPE.get(bind.get("type") or "", "text")

    def _message(self, attribute: str | None) -> Words:
        if not attribute:
            return {}
        if attribute.startswith("jr:itext("):
            return self._itext(attribute[9:-1].strip("'\" "))
        return {"": (attribute,)}

    def _optional(self, source: str | None) -> Expression | None:
        return self._expression(source) if source and source.strip() else None

    @staticmethod
    def _expression(source: str) -> Expression:
        return expression(source.strip())

    def _path(self, reference: str) -> str:
        head = f"/{self.root_name}"
        reference = reference.strip()
        names = reference.removeprefix(head).strip("/").split("/")
        return "/".join(name.rpartition(":")[2] for name in names)

    # -- body ------------------------------------------------------------------------------

    def _read_body(self, element: Element, parent: Node) -> None:
        for child in element:
            name = plain(child.tag)
            if child.tag in _CONTROLS:
                self._read_control(child)
            elif name == "group":
                self._read_group(child, parent)
            elif name == "repeat":
                self._read_repeat(child)

    def _read_group(self, element: Element, parent: Node) -> None:
        path = self._path(element.get("ref") or "")
        node = self.nodes.get(path)
        if node is None or not path:
            self._read_body(element, parent)
            return
        node.label = self._words(element.find(f"{XFORMS}label"))
        node.hint = self._words(element.find(f"{XFORMS}hint"))
        node.appearance = element.get("appearance") or node.appearance
        if element.find(f"{XFORMS}repeat") is None:
            self.order.append(node)
        self._read_body(element, node)

    def _read_repeat(self, element: Element) -> None:
        node = self.nodes.get(self._path(element.get("nodeset") or ""))
        if node is None:
            raise FormError(f"a repeat without a place in the form: {element.get('nodeset')}")
        node.kind = "repeat"
        node.count = self._optional(element.get(f"{JR}count"))
        self.order.append(node)
        self._read_body(element, node)

    def _read_control(self, element: Element) -> None:
        path = self._path(element.get("ref") or "")
        node = self.nodes.get(path)
        if node is None:
            raise FormError(f"a question without a place in the form: {element.get('ref')}")
        node.kind = self._kind(element, node)
        label = element.find(f"{XFORMS}label")
        node.label = self._words(label)
        node.picture = self._words(label, "image") or self._words(label, "big-image")
        hint = element.find(f"{XFORMS}hint")
        node.hint = self._words(hint)
        node.guidance = self._words(hint, "guidance")
        node.appearance = element.get("appearance") or ""
        if node.kind in ("select_one", "select_multiple", "rank"):
            node.choices = self._choices(element, path)
        if node.kind == "range":
            node.bounds = self._bounds(element, path)
            if element.find(f"{XFORMS}itemset") is not None:
                node.choices = None
        self.order.append(node)

    def _kind(self, element: Element, node: Node) -> str:
        name = plain(element.tag)
        named = {
            "select1": "select_one", "select": "select_multiple", "rank": "rank",
            "range": "range", "trigger": "acknowledge",
        }  # fmt: skip
        if name in named:
            return named[name]
        if name == "upload":
            return _BY_MEDIA.get((element.get("mediatype") or "").partition("/")[0], "file")
        readonly = node.readonly is not None and node.readonly.source in ("true()", "1")
        if readonly or node.calculate is not None:
            return "note"
        return self.types.get(node.path, "text")

    @staticmethod
    def _bounds(element: Element, path: str) -> tuple[float, float, float]:
        try:
            start, end, step = (float(element.get(key) or "") for key in ("start", "end", "step"))
        except ValueError:
            raise FormError(f"{path}: a range needs start, end and step as numbers") from None
        if not step or start == end:
            raise FormError(f"{path}: a range needs a step that is not 0 and two different ends")
        return start, end, abs(step) if end > start else -abs(step)

    def _choices(self, element: Element, path: str) -> ChoiceSource:
        itemset = element.find(f"{XFORMS}itemset")
        if itemset is None:
            fixed = tuple(
                Choice(
                    (item.findtext(f"{XFORMS}value") or "").strip(),
                    self._words(item.find(f"{XFORMS}label")),
                )
                for item in element.iterfind(f"{XFORMS}item")
            )
            return ChoiceSource(fixed=fixed)
        value, label = itemset.find(f"{XFORMS}value"), itemset.find(f"{XFORMS}label")
        reference = (label.get("ref") if label is not None else None) or "label"
        return ChoiceSource(
            nodeset=self._expression(itemset.get("nodeset") or ""),
            value=(value.get("ref") if value is not None else None) or "name",
            label=reference.removeprefix("jr:itext(").removesuffix(")"),
            is_itext=reference.startswith("jr:itext("),
        )

    def _read_actions(self) -> None:
        for source in self._elements(self.document, "setvalue"):
            target = self._path(source.get("ref") or "")
            if target not in self.nodes:
                continue
            written = source.get("value")
            value = self._expression(written) if written else (source.text or "")
            for event in (source.get("event") or "").split():
                self._attach(Action(event, target, value), source)

    def _attach(self, action: Action, source: Element) -> None:
        owner = self.nodes[action.target]
        if action.event == "xforms-value-changed":
            for control in self._elements(self.body, "*"):
                if source in list(control):
                    owner = self.nodes.get(self._path(control.get("ref") or ""), owner)
        owner.actions.append(action)

    @staticmethod
    def _elements(top: Element, name: str) -> Iterator[Element]:
        return top.iter() if name == "*" else top.iter(f"{XFORMS}{name}")

    # -- lists and tables ------------------------------------------------------------------

    def _tables(self) -> dict[str, XPathNode]:
        tables: dict[str, XPathNode] = {}
        for instance in list(self.model.iterfind(f"{XFORMS}instance"))[1:]:
            name, source = instance.get("id") or "", instance.get("src") or ""
            element = Element("instance")
            if source:
                element.append(self._external(source))
            else:
                element.extend(without_namespaces(child) for child in instance)
            tables[name] = get_node_tree(element, fragment=True)
        return tables

    def _external(self, source: str) -> Element:
        name = source.rpartition("/")[2]
        if source.startswith("jr://instance/last-saved"):
            return without_namespaces(self.data, empty=True)
        if name not in self.files:
            self.missing.append(name)
            return Element("root")
        return read_table(name, self.files[name])
