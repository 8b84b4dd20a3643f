"""Reading what authors hand in: XForms, tables beside a form, sheets; and what is no such thing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conversations.survey.case import Case
from conversations.survey.form import Form, FormError
from conversations.survey.interpreter import Walk
from conversations.survey.tables import parse_xml, read_table
from conversations.survey.workbook import cell_text, read_markdown, read_sheets
from conversations.survey.xform import compile_form
from tests.survey.forms import NOW, Walker, form

HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:jr="http://openrosa.org/javarosa"><h:head><model>'
)


def xform(instance: str, binds: str = "", body: str = "", model: str = "") -> Form:
    text = f"{HEAD}<instance>{instance}</instance>{binds}{model}</model></h:head>"
    return compile_form(f"{text}<h:body>{body}</h:body></h:html>", {}, "x-1")


DATA = '<data id="x"><q/><r/></data>'
BINDS = '<bind nodeset="/data/q" type="string"/>'
FIXED = (
    '<select1 ref="/data/q"><label>Which?</label>'
    "<item><label>Yes</label><value>y</value></item><item><label/><value>n</value></item></select1>"
)


# -- XForms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<a", "not an XForm"),
        ("<a/>", "no model or no body"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (f"{HEAD}</model></h:head><h:body/></h:html>", "no primary instance"),
    ],
)
def test_what_is_no_form_is_told(xml: str, said: str) -> None:
    with pytest.raises(FormError, match=said):
        compile_form(xml, {}, "x-1")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<input ref="/data/none"><label>A</label></input>', "question without a place"),
        ('<group><repeat nodeset="/data/none"/></group>', "repeat without a place"),
        ('<range ref="/data/q" start="1" end="x" step="1"/>', "start, end and step as numbers"),
        ('<range ref="/data/q" start="1" end="1" step="1"/>', "two different ends"),
        ('<range ref="/data/q" start="1" end="5" step="0"/>', "a step that is not 0"),
    ],
)
def test_what_a_form_asks_nowhere_is_told(body: str, said: str) -> None:
    with pytest.raises(FormError, match=said):
        xform(DATA, BINDS, body)


def test_choices_may_stand_in_the_question_itself() -> None:
    binds = BINDS + '<bind nodeset="/data/gone" type="string"/>'
    walker = Walker(xform(DATA, binds, FIXED))
    options = walker.walk.options(walker.spot("q"))
    assert [(option.name, option.label) for option in options] == [("y", "Yes"), ("n", "n")]
    walker.answer("q", "n")
    assert walker.walk.shown(walker.spot("q")) == "n"
    walker.answer("q", "y")
    assert walker.walk.shown(walker.spot("q")) == "Yes"


def test_a_group_without_a_place_of_its_own_is_passed_through() -> None:
    made = xform(DATA, BINDS, f"<group>{FIXED}</group>")
    assert [node.path for node in made.questions] == ["q"]


def test_the_end_is_stamped_where_the_form_wants_it() -> None:
    binds = '<bind nodeset="/data/r" jr:preload="timestamp" jr:preloadParams="end"/>'
    walk = Walk.start(xform(DATA, BINDS + binds, FIXED), "c", NOW)
    assert "r" not in walk.values()
    walk.finish()
    assert walk.values()["r"] == "2026-11-24T12:00:00.000+08:00"


# -- tables beside a form ---------------------------------------------------------------------


def test_a_table_is_csv_xml_or_geojson() -> None:
    rows = {
        "a.csv": "name,label\np1,Post 1\n".encode("utf-8-sig"),
        "a.xml": b"<root><item><name>p1</name><label>Post 1</label></item></root>",
        "a.geojson": b'{"features": [{"id": "p1", "properties": {"label": "Post 1"},'
        b' "geometry": {"type": "Point", "coordinates": [106.9, 47.9]}}]}',
    }
    read = {name: read_table(name, content) for name, content in rows.items()}
    for name in ("a.csv", "a.xml"):
        [item] = read[name]
        assert [(cell.tag, cell.text) for cell in item] == [("name", "p1"), ("label", "Post 1")]
    [place] = read["a.geojson"]
    assert {cell.tag: cell.text for cell in place} == {
        "id": "p1", "label": "Post 1", "geometry": "47.9 106.9 0 0"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"x", "must be .csv, .xml or .geojson"),
        ("a.csv", b"\xff\xfe\x00", "a.csv can't be read"),
        ("a.geojson", b"[]", "a.geojson can't be read"),
        ("a.xml", b"<root>", "a.xml can't be read"),
        ("a.xml", b"<!DOCTYPE a><root/>", "document type"),
    ],
)
def test_a_table_that_is_none_is_named(name: str, content: bytes, said: str) -> None:
    with pytest.raises(FormError, match=said):
        read_table(name, content)


def test_xml_is_read_without_a_document_type_only() -> None:
    assert parse_xml("<a/>").tag == "a"
    with pytest.raises(FormError, match="document type"):
        parse_xml('<!ENTITY x "y"><a/>')


# -- sheets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (False, "FALSE"),
        (3.0, "3"),
        (3.5, "3.5"),
        (date(2026, 11, 24), "2026-11-24"),
        ("  a ", "a"),
    ],
)
def test_a_cell_is_what_its_author_sees(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_a_table_without_a_sheets_name_is_told() -> None:
    with pytest.raises(FormError, match="has no sheet name"):
        read_markdown("| | type | name |\n")


def test_a_workbook_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(FormError, match="larger than"):
        read_sheets(path)


# -- expressions that look elsewhere ------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(${a} | ${b})[1]", "1"),
        ("count(../*)", "4"),
        ("count(/data/*)", "4"),
        ("current()/../a + 1", "2"),
        ("parent::node()/a + 2", "3"),
        ("../child::a + 3", "4"),
    ],
)
def test_a_calculation_follows_whatever_way_it_names(expression: str, value: str) -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | calculation |
        | | integer | a | A? | |
        | | integer | b | B? | |
        | | calculate | c | | {expression.replace("|", chr(92) + "|")} |
        """)
    )
    walker.answers(a="1", b="2")
    assert walker.values["c"] == value


def test_a_case_goes_on_after_a_version_lost_its_question() -> None:
    walk = Walk(xform(DATA, BINDS, FIXED), Case.from_document({**Walker(
        xform(DATA, BINDS, FIXED)).document, "values": {"q": "y", "gone": "x"}}), NOW)  # fmt: skip
    assert walk.values() == {"q": "y"}
