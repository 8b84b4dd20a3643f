"""The mapping file: how the columns of somebody's spreadsheet become budget lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from content.budgets import Stage
from content.entitlement import ContentError, Strict, read_yaml, told
from content.finding import Finding, Refused

FIELDS = (
    *("year", "period", "place", "facility", "facility_kind", "sector", "programme"),
    *("econ_code", "item", "level", "fund", "stage", "amount", "source", "as_of"),
)
REQUIRED = ("year", "place", "item", "source", "as_of")
UNITS = {"one": 1, "thousand": 1_000, "million": 1_000_000}


class TotalRows(Strict):
    """Rows that hold sums of the rows above: compared, never imported."""

    column: str
    words: tuple[str, ...] = Field(min_length=1)


class Mapping(Strict):
    """How to read one kind of budget file; `docs/budgets.md` has examples.

    Each field of a line comes from a column or is constant. Wide files have one column a
    stage (`amounts`), long ones a `stage` and an `amount` column. Rows whose column holds
    anything but the values in `only` are left out; in `require`, refused.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    amounts: dict[Stage, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    unit: Literal["one", "thousand", "million"] = "one"
    sheet: str = ""
    header_row: int = Field(default=1, ge=1, le=100)
    delimiter: str = ""
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    require: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    total_rows: TotalRows | None = None
    expected: dict[Stage, Decimal] = Field(default_factory=dict)
    within: str = ""
    demonstration: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Mapping:
        unknown = sorted({*self.columns, *self.constants, *self.values} - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r}; fields are {', '.join(FIELDS)}")
        given = {*self.columns, *self.constants}
        if missing := [name for name in REQUIRED if name not in given]:
            raise ValueError(f"no column and no constant for {', '.join(missing)}")
        if self.amounts and {"amount", "stage"} & given:
            raise ValueError("give either `amounts` (a column a stage) or `stage` and `amount`")
        if not self.amounts and not {"amount", "stage"} <= given:
            raise ValueError("give `amounts` (a column a stage), or `stage` and `amount`")
        return self

    @property
    def factor(self) -> int:
        """How many ₮ one of the file's units is."""
        return UNITS[self.unit]

    def check_header(self, header: list[str], where: str) -> None:
        """Raises Refused naming every column that the file lacks."""
        needed = [*self.columns.values(), *self.amounts.values(), *self.only, *self.require]
        if self.total_rows:
            needed.append(self.total_rows.column)
        missing = [column for column in dict.fromkeys(needed) if column not in header]
        if missing:
            has = ", ".join(f"«{column}»" for column in header if column)
            raise Refused(
                [Finding(where, f"no column «{column}»; the file has: {has}") for column in missing]
            )
        doubled = [column for column in needed if header.count(column) > 1]
        if doubled:
            raise Refused.because(where, f"two columns are called «{doubled[0]}»; rename one")


def read_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file; raises Refused."""
    try:
        return Mapping.model_validate(read_yaml(path))
    except ContentError as error:
        raise Refused([Finding(path.name, problem) for problem in error.problems]) from None
    except ValidationError as error:
        raise Refused([Finding(path.name, line) for line in told(path, "", error)]) from None
    except OSError as error:
        raise Refused.because(path.name, f"can't be read: {error.strerror}") from None


OWN_LAYOUT = {
    "year": "fiscal_year",
    "period": "period",
    "place": "unit_code",
    "facility": "institution_id",
    "facility_kind": "institution_type",
    "sector": "sector",
    "programme": "program_code",
    "econ_code": "econ_code",
    "item": "econ_name_mn",
    "level": "budget_level",
    "fund": "fund",
    "stage": "stage",
    "amount": "amount_mnt",
    "source": "source_url",
    "as_of": "as_of",
}
"""The columns of Onoo's own CSV layout, for files that need no mapping."""


def own_layout(header: list[str]) -> Mapping:
    """The mapping of Onoo's own layout; columns that may be left out are."""
    needed = {*REQUIRED, "stage", "amount"}
    columns = {
        name: column for name, column in OWN_LAYOUT.items() if name in needed or column in header
    }
    return Mapping(columns=columns)
