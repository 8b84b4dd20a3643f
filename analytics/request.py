"""What an analyst asks for: the data, the shape, the filters, the protection."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from locales.told import Told, in_words


class Format(StrEnum):
    """The formats of files."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    SAV = "sav"
    ZSAV = "zsav"
    DTA = "dta"
    PARQUET = "parquet"


class Profile(StrEnum):
    """How much of it: `restricted` for those bound to secrecy, `public` for everybody."""

    RESTRICTED = "restricted"
    PUBLIC = "public"


class Multiple(StrEnum):
    """How a question with several answers is written."""

    SINGLE = "single"
    DUMMIES = "dummies"
    BOTH = "both"


NARROWING = (
    *("since", "started_from", "started_to", "where", "places", "version"),
    *("tests", "media", "long", "margins"),
)
"""What the public profile takes none of: the difference of two files would be few people."""


class RequestError(ValueError):
    """A request that can't be met; each fault says what is wrong and what would be right."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

    def words(self, locale: str) -> str:
        """The faults in `locale`."""
        return "; ".join(str(in_words(fault, locale)) for fault in self.faults)


class Request(BaseModel):
    """One export. `cutoff` is the moment whose state is exported; the same gives the same.

    `where` keeps cases whose columns have these values; `fields` keeps these columns.
    `project` names the key of pseudonyms. Moments without a zone are read as UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    form: str = ""
    version: str = ""
    campaign: str = ""
    format: Format = Format.CSV
    profile: Profile = Profile.RESTRICTED
    project: str = ""
    cutoff: datetime
    since: datetime | None = None
    """Only what changed after this moment: the cut-off of the export before."""
    started_from: datetime | None = None
    started_to: datetime | None = None
    language: str = ""
    """Labels in this language; "" for the form's own."""
    labels: bool = False
    """Labels of choices instead of their names, in formats without value labels."""
    separator: str = Field(default="/", max_length=3)
    hierarchy: bool = True
    """Column names with their groups: "visit/wait"; else "wait" where that is unambiguous."""
    multiple: Multiple = Multiple.SINGLE
    long: bool = False
    """Answers as one row a case and question."""
    tests: bool = False
    fields: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    places: tuple[str, ...] = ()
    """Codes of administrative units, each with all beneath it."""
    exact: bool = False
    """CSV without the mark that keeps spreadsheets from running texts as formulas."""
    mask: bool = True
    media: bool = False
    """Also the files that citizens sent."""
    margins: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Shares in the population, by column and value: gives complete cases a weight."""
    traits: tuple[str, ...] = ()
    """Public: further columns that others may know of a person, such as an occupation."""
    minimum: int = Field(default=5, ge=3, le=100)
    """Public: how many cases must share what is shown."""

    @field_validator("cutoff", "since", "started_from", "started_to")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # MongoDB keeps milliseconds.
        return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)

    @model_validator(mode="after")
    def _fits(self) -> Request:
        if self.dataset in ("answers", "paradata") and not self.form:
            raise ValueError(Told("exports.fault.needs_form", dataset=self.dataset))
        if self.profile is Profile.PUBLIC:
            if self.dataset not in ("answers", "scorecards"):
                raise ValueError(Told("exports.fault.not_public", dataset=self.dataset))
            narrowed = [name for name in NARROWING if self[name]]
            if narrowed:
                options = ", ".join(narrowed)
                raise ValueError(Told("exports.fault.narrowed", options=options))
        if self.long and self.margins:
            raise ValueError(Told("exports.fault.long_margins"))
        return self

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)

    @property
    def key(self) -> str:
        """The project whose pseudonyms are used."""
        return self.project or self.form or self.campaign or self.dataset


def request_of(fields: dict[str, object]) -> Request:
    """The request that `fields` describe; raises RequestError in words."""
    try:
        return Request.model_validate(fields)
    except ValidationError as error:
        raise RequestError(*(_fault(each) for each in error.errors())) from None


def _fault(fault: ErrorDetails) -> str:
    """One fault that the model found, in words; those of the library itself are in English."""
    ours = fault.get("ctx", {}).get("error")
    if isinstance(ours, ValueError) and ours.args and isinstance(ours.args[0], Told):
        return ours.args[0]
    where = ".".join(str(part) for part in fault["loc"])
    return Told("exports.fault.field", field=where, fault=fault["msg"]) if where else fault["msg"]
