"""Checks of what stands in a workbook's cells, before it is made a form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from rapidfuzz import fuzz, process

from conversations.survey.findings import Finding, error, warning
from conversations.survey.layout import Layout, Placed, translated
from conversations.survey.workbook import Row, Sheet, Sheets

SURVEY_COLUMNS = (
    "type", "name", "label", "hint", "guidance_hint", "relevant", "calculation", "constraint",
    "constraint_message", "required", "required_message", "default", "read_only", "readonly",
    "appearance", "parameters", "choice_filter", "repeat_count", "image", "big-image", "audio",
    "video", "trigger", "autoplay", "note", "save_to", "relevance", "calculate", "caption",
    "count", "body", "bind", "control", "instance", "rows", "tag", "value", "hxl", "media",
    "disabled", "comment", "comments", "notes", "no_app_error_string", "noapperrorstring",
    "requiredmsg", "intent", "$given_name", "compact_tag", "kuid", "$kuid", "$autoname",
    "$xpath", "$prev", "$next", "$qpath",
)  # fmt: skip
CHOICE_COLUMNS = ("list_name", "name", "label", "image", "big-image", "audio", "video", "media",
                  "value", "order", "geometry")  # fmt: skip
SETTING_COLUMNS = (
    "form_title", "form_id", "version", "default_language", "instance_name", "style",
    "public_key", "submission_url", "auto_send", "auto_delete", "allow_choice_duplicates",
    "name", "sms_keyword", "sms_separator", "namespaces", "onoo_title", "onoo_kind",
    "clean_text_values", "omit_instanceid", "id_string", "title", "prefix", "delimiter",
    "set_form_id", "set_form_title", "sms_allow_media", "sms_date_format",
    "sms_datetime_format", "sms_response", "client_editable", "attribute", "compact_prefix",
    "compact_delimiter",
)  # fmt: skip
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")

ASKED_TYPES = (
    "select_one", "select_multiple", "rank", "range", "integer", "decimal", "text", "date",
    "time", "datetime", "geopoint", "image", "audio", "video", "file", "note", "acknowledge",
    "calculate", "hidden", "begin_group", "begin_repeat", "end_group", "end_repeat",
    "select_one_from_file", "select_multiple_from_file", "start", "end", "today", "deviceid",
    "username", "phonenumber", "email", "audit", "csv-external", "xml-external",
)  # fmt: skip
REFUSED_TYPES = frozenset((
    "geotrace", "geoshape", "barcode", "background-audio", "background-geopoint",
    "osm", "select_one_external", "begin_kobomatrix", "begin_score",
    "begin_rank", "kobomatrix", "score__row",
))  # fmt: skip
KNOWN_TYPES = {
    *ASKED_TYPES,
    *(known.split()[0] for known in (*QUESTION_TYPE_DICT, *aliases.select, *aliases.control)),
    *("begin_loop", "end_loop", "begin", "end", "include"),
}
IGNORED_TYPES = frozenset(("start-geopoint", "deviceid", "simserial", "subscriberid", "imei"))
"""What a device would fill in by itself, and a chat can't."""
REFUSED_APPEARANCES = re.compile(r"\bsearch\s*\(|\bkobo")
NEAR = 76.0
LONGEST_QUESTION = 1500
"""Characters: with progress, hint and notes a message must stay below Messenger's 2,000."""
LONG_QUESTION = 400
LONG_CHOICE = 60
"""Characters a button still shows on a phone."""
SCREEN = 8
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}]*?)\s*\}")
_NAME = re.compile(r"[^\W\d][\w.\-]*")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, or ""."""
    found = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=NEAR)
    return str(found[0]) if found else ""


def check_sheets(sheets: Sheets) -> Iterator[Finding]:
    """Every finding in the cells."""
    yield from _sheet_names(sheets)
    if "survey" not in sheets:
        yield error("no_survey")
        return
    layout = Layout(sheets)
    yield from _columns(layout.sheet, SURVEY_COLUMNS)
    yield from _columns(sheets.get("settings", Sheet("settings")), SETTING_COLUMNS)
    yield from _choice_columns(sheets)
    yield from _types(layout, sheets)
    yield from _names(layout)
    yield from _references(layout)
    yield from _choices(sheets)
    yield from _texts(layout, sheets)
    yield from _translations(layout.sheet, ("label", "hint", "constraint_message"))
    yield from _translations(sheets.get("choices", Sheet("choices")), ("label",))
    if (
        (settings := sheets.get("settings"))
        and settings.rows
        and settings.rows[0].get("public_key")
    ):
        yield error("encrypted", "settings", settings.rows[0].number, "public_key")


def _sheet_names(sheets: Sheets) -> Iterator[Finding]:
    for name, sheet in sheets.items():
        if name not in SHEETS and not name.startswith("_"):
            near = nearest(name, SHEETS)
            if near and near not in sheets:
                yield error("sheet_misspelt", sheet.name, near=near)


def _bare(column: str) -> str:
    return re.split(r"::?", column, maxsplit=1)[0].strip().lower().replace(" ", "_")


def _columns(sheet: Sheet, known: tuple[str, ...]) -> Iterator[Finding]:
    for column in sheet.columns:
        bare = _bare(column)
        if not bare or bare in known or bare.startswith(("_", "$", "sms_", "bind", "body")):
            continue
        near = nearest(bare, known)
        if near:
            yield error("column_misspelt", sheet.name, 1, column, near=near)
        else:
            yield warning("column_unknown", sheet.name, 1, column)


def _choice_columns(sheets: Sheets) -> Iterator[Finding]:
    """Any further column may serve a choice_filter; a misspelt one is near a known one."""
    sheet = sheets.get("choices", Sheet("choices"))
    used = " ".join(text for row in sheets["survey"].rows for text in row.cells.values())
    for column in sheet.columns:
        bare = _bare(column)
        if bare and bare not in CHOICE_COLUMNS and bare not in used:
            near = nearest(bare, CHOICE_COLUMNS)
            if near and near not in [_bare(other) for other in sheet.columns]:
                yield error("column_misspelt", sheet.name, 1, column, near=near)


def _types(layout: Layout, sheets: Sheets) -> Iterator[Finding]:
    depth: list[Placed] = []
    lists = {row.get("list_name") for row in sheets.get("choices", Sheet("choices")).rows}
    for placed in layout.rows:
        row, kind = placed.row, placed.kind
        if kind in REFUSED_TYPES:
            yield error("type_refused", "survey", row.number, "type", kind=row.get("type"))
        elif kind and kind not in KNOWN_TYPES and (near := nearest(kind, ASKED_TYPES)):
            yield error("type_misspelt", "survey", row.number, "type", kind=kind, near=near)
        elif REFUSED_APPEARANCES.search(row.get("appearance")):
            yield error("appearance_refused", "survey", row.number, "appearance",
                        appearance=row.get("appearance"))  # fmt: skip
        if kind in IGNORED_TYPES:
            yield warning("type_ignored", "survey", row.number, "type", kind=kind)
        if "ex:" in row.get("appearance"):
            yield warning("appearance_ignored", "survey", row.number, "appearance",
                          appearance=row.get("appearance"))  # fmt: skip
        if kind.startswith("begin_"):
            depth.append(placed)
        elif kind.startswith("end_"):
            if not depth:
                yield error("end_without_begin", "survey", row.number, "type", kind=kind)
            else:
                depth.pop()
        if kind in ("select_one", "select_multiple", "rank"):
            yield from _list_of(row, lists)
    for placed in depth:
        yield error("begin_without_end", "survey", placed.row.number, "type",
                    name=placed.row.get("name"))  # fmt: skip


def _list_of(row: Row, lists: set[str]) -> Iterator[Finding]:
    words = row.get("type").split()
    if len(words) < 2:
        yield error("list_not_named", "survey", row.number, "type", kind=words[0])
    elif words[1] not in lists and not words[1].startswith("${"):
        near = nearest(words[1], lists)
        code = "list_misspelt" if near else "list_missing"
        yield error(code, "survey", row.number, "type", name=words[1], near=near)


def _names(layout: Layout) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for placed in layout.rows:
        name, number = placed.row.get("name"), placed.row.number
        if placed.kind.startswith("end_") or not placed.kind:
            continue
        if not name:
            if placed.kind not in ("note", "audit") and not placed.kind.startswith("begin_"):
                yield error("name_missing", "survey", number, "name")
        elif not _NAME.fullmatch(name):
            yield error("name_invalid", "survey", number, "name", name=name)
        elif placed.path in seen:
            yield error("name_twice", "survey", number, "name", name=name,
                        first=str(seen[placed.path]))  # fmt: skip
        else:
            seen[placed.path] = number


def _references(layout: Layout) -> Iterator[Finding]:
    names = [placed.row.get("name") for placed in layout.rows]
    known = set(filter(None, names))
    for placed in layout.rows:
        for column, text in placed.row.cells.items():
            for name in _REFERENCE.findall(text):
                if name and name not in known:
                    near = nearest(name, known)
                    code = "reference_misspelt" if near else "reference_unknown"
                    yield error(code, "survey", placed.row.number, column, name=name, near=near)


def _choices(sheets: Sheets) -> Iterator[Finding]:
    sheet = sheets.get("choices", Sheet("choices"))
    several = {
        words[1]
        for row in sheets["survey"].rows
        if len(words := row.get("type").split()) > 1 and words[0] in ("select_multiple", "rank")
    }
    used: dict[str, dict[str, int]] = defaultdict(dict)
    settings = sheets.get("settings", Sheet("settings"))
    twice_is_meant = bool(settings.rows) and settings.rows[0].get(
        "allow_choice_duplicates"
    ).lower() in ("yes", "true", "true()")
    for row in sheet.rows:
        name, list_name = row.get("name") or row.get("value"), row.get("list_name")
        if list_name and not name:
            yield error("choice_without_name", "choices", row.number, "name")
        elif name in used[list_name] and not twice_is_meant:
            yield error("choice_twice", "choices", row.number, "name", name=name,
                        first=str(used[list_name][name]))  # fmt: skip
        elif " " in name and list_name in several:
            yield error("choice_with_space", "choices", row.number, "name", name=name)
        used[list_name].setdefault(name, row.number)
    for list_name, names in used.items():
        if len(names) > SCREEN:
            yield warning("list_long", "choices", min(names.values()), "list_name",
                          name=list_name, count=str(len(names)))  # fmt: skip


def _texts(layout: Layout, sheets: Sheets) -> Iterator[Finding]:
    for placed in layout.rows:
        for column in translated(layout.sheet.columns, "label"):
            length = len(placed.row.get(column))
            if length > LONG_QUESTION:
                check = error if length > LONGEST_QUESTION else warning
                code = "text_too_long" if length > LONGEST_QUESTION else "text_long"
                yield check(code, "survey", placed.row.number, column, count=str(length),
                            most=str(LONG_QUESTION))  # fmt: skip
    choices = sheets.get("choices", Sheet("choices"))
    for row in choices.rows:
        for column in translated(choices.columns, "label"):
            if len(row.get(column)) > LONG_CHOICE:
                yield warning("choice_long", "choices", row.number, column,
                              count=str(len(row.get(column))), most=str(LONG_CHOICE))  # fmt: skip


def _translations(sheet: Sheet, names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        columns = [column for column in translated(sheet.columns, name) if "::" in column]
        for row in sheet.rows:
            if row.get("type").lower().startswith("end"):
                continue
            filled = [column for column in columns if row.get(column)]
            for column in columns:
                if filled and column not in filled:
                    yield warning("translation_missing", sheet.name, row.number, column,
                                  other=filled[0])  # fmt: skip
