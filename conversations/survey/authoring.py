"""From a workbook a facilitator wrote to an immutable form version."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from conversations.survey.form import Form, FormError, language_code
from conversations.survey.source import FormSource
from conversations.survey.workbook import MAX_BYTES, read_sheets
from conversations.survey.xform import compile_form

TABLES = (".csv", ".xml", ".geojson")


def compile(path: Path) -> FormSource:
    """The form version that a workbook (.xlsx) or Markdown file describes.

    Tables the form uses (csv, xml, geojson) are read from the same folder. Raises FormError
    when pyxform refuses the form or an expression can't be parsed; `checks.check` says all
    that is wrong with a form, and where.
    """
    source = convert_workbook(path)
    form = source.compile()
    if form.missing:
        raise FormError(f"{path.name} uses files that are not beside it: {', '.join(form.missing)}")
    form.parse_all()
    return source


def convert_workbook(path: Path) -> FormSource:
    """The form version of a file, its expressions not looked at; raises FormError."""
    files = _tables(path)
    try:
        xml: str = convert(str(path), validate=False, form_name="data").xform
    except PyXFormError as error:
        raise FormError(str(error)) from error
    except Exception as error:  # pyxform raises anything on what it did not foresee
        raise FormError(f"{path.name} is not an XLSForm: {error}") from error
    form = compile_form(xml, files)
    used = {name: data for name, data in files.items() if f'/{name}"' in xml}
    sheets = read_sheets(path)
    settings = sheets["settings"].rows[0].cells if sheets.get("settings") else {}
    return FormSource(
        form_id=form.form_id,
        version=f"{form.form_id}-{fingerprint(xml, used)}",
        xml=xml,
        workbook=path.read_bytes(),
        workbook_name=path.name,
        title=form.title,
        languages=tuple(language_code(language) for language in form.languages),
        files=used,
        titles=_titles(settings, form),
        kind=settings.get("onoo_kind", ""),
    )


def fingerprint(xml: str, files: dict[str, bytes]) -> str:
    """Twelve letters that change with anything in the form or its tables."""
    digest = hashlib.sha256(xml.encode())
    for name, data in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()[:12]


def _tables(path: Path) -> dict[str, bytes]:
    return {
        beside.name: beside.read_bytes()
        for beside in sorted(path.parent.iterdir())
        if beside.suffix in TABLES and beside.is_file() and beside.stat().st_size <= MAX_BYTES
    }


def _titles(settings: dict[str, str], form: Form) -> dict[str, str]:
    titles = {
        language_code(column.partition("::")[2]): title
        for column, title in settings.items()
        if column.startswith("onoo_title::")
    }
    return titles or {language_code(form.default_language) or "mn": form.title}
