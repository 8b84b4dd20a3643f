"""Budget files for the tests, good and broken."""

from __future__ import annotations

import zipfile
from pathlib import Path

from openpyxl import Workbook

from nlu.gazetteer import gazetteer

HEADER = "fiscal_year,unit_code,sector,econ_name_mn,stage,amount_mnt,source_url,as_of"
ITEMS = ("Цалин хөлс", "Гэрэл цахилгаан", "Түлш, халаалт")


def row(
    item: str = "Цалин хөлс",
    *,
    year: int | str = 2024,
    place: str = "2101",
    sector: str = "education",
    stage: str = "approved",
    amount: int | str = 120_000_000,
    source: str = "https://shilendans.gov.mn",
    as_of: str = "2024-12-31",
) -> str:
    """One line of Onoo's own layout."""
    cells = (year, place, sector, f'"{item}"', stage, f'"{amount}"', source, as_of)
    return ",".join(str(cell) for cell in cells)


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A CSV file of these rows."""
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def many(path: Path, count: int) -> Path:
    """A CSV file of `count` different lines in all soums and districts."""
    places = [place.code for place in gazetteer() if place.level == 2]
    rows = [
        row(
            f"Зардал {number // len(places)}",
            place=places[number % len(places)],
            amount=1_000_000 + number,
        )
        for number in range(count)
    ]
    return write(path, *rows)


def workbook(path: Path, *rows: tuple[object, ...], title: str = "Төсөв") -> Path:
    """An XLSX file of these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for cells in rows:
        sheet.append(cells)
    book.save(path)
    return path


def bomb(path: Path, megabytes: int = 400) -> Path:
    """A workbook whose sheet unpacks to `megabytes` of nothing from a few hundred kB."""
    honest = workbook(path.with_name("honest.xlsx"), ("Он", "Дүн"))
    with zipfile.ZipFile(honest) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != "xl/worksheets/sheet1.xml":
                new.writestr(member, old.read(member))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(megabytes):
                sheet.write(b" " * 2**20)
    return path
