"""From a workbook to an immutable version."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.survey import authoring, workbook
from conversations.survey.authoring import FormSource
from conversations.survey.form import FormError

FORM = """
| survey |
| | type | name | label::Mongolian (mn) | label::English (en) |
| | select_one_from_file posts.csv | post | Баг? | Post? |
| settings |
| | form_title | form_id | default_language | onoo_title::English (en) | onoo_kind |
| | Судалгаа | survey1 | Mongolian (mn) | A survey | scorecard |
"""


@pytest.fixture
def source(tmp_path: Path) -> FormSource:
    (tmp_path / "posts.csv").write_text("name,label\np1,Post 1\n", "utf-8")
    (tmp_path / "other.csv").write_text("name,label\n", "utf-8")
    (tmp_path / "form.md").write_text(FORM, "utf-8")
    return authoring.compile(workbook.build(tmp_path / "form.md"))


def test_a_version_says_all_that_is_kept(source: FormSource, tmp_path: Path) -> None:
    assert source.form_id == "survey1"
    assert source.version.startswith("survey1-")
    assert (source.title, source.titles["en"], source.kind) == ("Судалгаа", "A survey", "scorecard")
    assert source.languages == ("mn", "en")
    assert list(source.files) == ["posts.csv"], "only what the form uses"
    assert source.workbook == (tmp_path / "form.xlsx").read_bytes()


def test_a_version_survives_storage(source: FormSource) -> None:
    again = FormSource.from_document(source.to_document())
    assert again == source
    assert again.compile().version == source.version
    assert again.compile().title_in("en") == "A survey"


def test_the_version_changes_with_the_form_and_with_its_tables(
    source: FormSource, tmp_path: Path
) -> None:
    (tmp_path / "posts.csv").write_text("name,label\np1,Post one\n", "utf-8")
    changed_table = authoring.compile(tmp_path / "form.xlsx")
    (tmp_path / "form.md").write_text(FORM.replace("Post?", "Which post?"), "utf-8")
    changed_words = authoring.compile(workbook.build(tmp_path / "form.md"))
    assert len({source.version, changed_table.version, changed_words.version}) == 3


def test_a_form_whose_table_is_absent_is_refused(source: FormSource, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").unlink()
    with pytest.raises(FormError, match=r"posts\.csv"):
        authoring.compile(tmp_path / "form.xlsx")


def test_a_workbook_is_left_alone_when_its_source_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(FORM, "utf-8")
    target = workbook.build(tmp_path / "form.md")
    before = target.read_bytes()
    assert workbook.build(tmp_path / "form.md").read_bytes() == before
    assert workbook.read_sheets(target)["survey"].rows[0].number == 2
