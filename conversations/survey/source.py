"""A form version as it is kept: its XForm, and the workbook it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conversations.survey.form import Form
from conversations.survey.xform import compile_form


@dataclass(frozen=True, slots=True)
class FormSource:
    """Everything of a form version that is kept: it never changes.

    `version` names it: the form's id and a hash over the XForm and its tables.
    """

    form_id: str
    version: str
    xml: str
    workbook: bytes
    workbook_name: str
    title: str
    languages: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    def compile(self) -> Form:
        """The form, ready to be walked; raises FormError if it was made by something else."""
        form = compile_form(self.xml, self.files, self.version)
        form.titles = self.titles
        return form

    def to_document(self) -> dict[str, Any]:
        """The shape kept in the database."""
        return {
            "_id": self.version,
            "form": self.form_id,
            "title": self.title,
            "titles": self.titles,
            "kind": self.kind,
            "languages": list(self.languages),
            "xml": self.xml,
            "workbook": self.workbook,
            "workbook_name": self.workbook_name,
            "files": [{"name": name, "content": data} for name, data in self.files.items()],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> FormSource:
        """The reverse of `to_document`; raises KeyError on a foreign shape."""
        return cls(
            form_id=document["form"],
            version=document["_id"],
            xml=document["xml"],
            workbook=document["workbook"],
            workbook_name=document["workbook_name"],
            title=document["title"],
            languages=tuple(document["languages"]),
            files={entry["name"]: entry["content"] for entry in document["files"]},
            titles=dict(document["titles"]),
            kind=document["kind"],
        )
