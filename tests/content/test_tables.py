"""Files that strangers made: each broken kind gets a clear report."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from content import tables
from content.finding import Refused
from content.tables import read_table
from tests.content.budget_files import bomb, workbook


def refused(path: Path, **options: object) -> str:
    with pytest.raises(Refused) as error:
        list(read_table(path, **options).rows)  # type: ignore[arg-type]
    return str(error.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_any_honest_shape(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    lines = ["Он|Дүн", "2024|1.5", "", '2025|"a\nb"']
    path.write_text("\n".join(lines).replace("|", delimiter), encoding)
    table = read_table(path)
    assert table.header == ["Он", "Дүн"]
    assert list(table.rows) == [(2, ["2024", "1.5"]), (4, ["2025", "a\nb"])]


def test_wrong_code_page(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Он,Дун\n2024,Цалин холс\n".encode("cp1251"))
    told = refused(path)
    assert told.startswith("a.csv, row 1: not UTF-8 (byte 0xce); it looks like Windows-1251")
    assert "save it as 'CSV UTF-8'" in told


def test_other_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert refused(path) == "a.csv: there is no such file"
    path.write_bytes(b"a,b\n1,\0\n")
    assert "NUL characters" in refused(path)
    path.write_bytes(b'a,b\n1,"open\n')
    assert "a.csv, row 2: not readable as CSV" in refused(path)
    path.write_bytes(b"")
    assert "ends before its header row 1" in refused(path)
    path.write_bytes(b"a\n" + b"x," * 300 + b"\n")
    assert "row 2: more than 200 columns" in refused(path)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert "expected .csv, .tsv or .xlsx" in refused(tmp_path / "a.pdf")


def test_too_large_and_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n3\n", "utf-8")
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert refused(path) == "a.csv: more than 3 rows; split the file"
    monkeypatch.setattr(tables, "MAX_BYTES", 4)
    assert "split the file" in refused(path)


def test_xlsx(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("Аймгийн төсөв",),
        ("Он", "Дүн  мянган ₮", "Огноо"),
        (2024, 1234.0, date(2024, 12, 31)),
        (None, None, None),
        ("2025", 0.5, datetime(2024, 1, 2, 3, 4)),
    )
    table = read_table(path, header_row=2, sheet="Төсөв")
    assert table.header[:3] == ["Он", "Дүн мянган ₮", "Огноо"]
    assert [(number, cells[:3]) for number, cells in table.rows] == [
        (3, ["2024", "1234", "2024-12-31"]),
        (5, ["2025", "0.5", "2024-01-02T03:04:00"]),
    ]
    assert "no sheet 'X'; the workbook has: Төсөв" in refused(path, sheet="X")


def test_xlsx_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    told = refused(bomb(tmp_path / "bomb.xlsx"))
    assert "refused as a decompression bomb" in told


def test_xlsx_with_too_many_parts(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Он",))
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(tables.MAX_MEMBERS):
            archive.writestr(f"xl/{number}", b"")
    assert "decompression bomb" in refused(path)


def test_no_xlsx_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old .xls")
    assert "not an XLSX workbook (old .xls renamed?)" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "xl/workbook.xml is missing" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "damaged workbook" in refused(path)


def test_a_sheet_that_lies_about_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Он",), (2024,))
    lying = tmp_path / "lying.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(lying, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member.endswith("sheet1.xml"):
                data = data.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
                assert b"XFD1048576" in data
            new.writestr(member, data)
    assert [cells[0] for _, cells in read_table(lying).rows] == ["2024"]


def test_a_damaged_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Он",), (2024,))
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, data[:-40] if member.endswith("sheet1.xml") else data)
    assert "damaged sheet" in refused(broken)
