"""The command line: `content check`, `budget` and `facility`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from content.commands import budget_app, content_app, facility_app
from content.entitlement import FOLDER
from settings import Settings
from tests.content.budget_files import HEADER, bomb, row, write


@pytest.fixture
def run(mongodb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on an empty database of its own."""
    configured = Settings(
        _env_file=None,
        mongodb_uri=mongodb,
        mongodb_database=f"test_{tmp_path.name[-40:]}",
        data_dir=tmp_path,
    )
    monkeypatch.setattr("content.commands.settings", lambda: configured)
    monkeypatch.setenv("COLUMNS", "300")
    runner = CliRunner()

    def invoke(app: typer.Typer, *words: object) -> Result:
        return runner.invoke(app, [str(word) for word in words])

    return invoke


def test_content_check(tmp_path: Path) -> None:
    assert CliRunner().invoke(content_app, ["check"]).exit_code == 0
    folder = tmp_path / "entitlements"
    shutil.copytree(FOLDER, folder)
    (folder / "petition.yml").unlink()
    result = CliRunner().invoke(content_app, ["check", "--folder", str(folder)])
    assert result.exit_code == 1
    assert "NLU knows this topic, content does not" in result.output


def test_import_list_undo(run: Callable[..., Result], tmp_path: Path) -> None:
    path = write(tmp_path / "b.csv", row(), row("Түлш"))
    assert "nothing stored" in run(budget_app, "import", path, "--check").output
    assert "No budgets imported yet" in run(budget_app, "list").output
    done = run(budget_app, "import", path)
    assert done.exit_code == 0, done.output
    assert "2 lines as import" in done.output
    import_id = done.output.split("as import ")[1].split()[0]
    assert "Already imported" in run(budget_app, "import", path).output
    listed = run(budget_app, "list").output
    assert import_id in listed
    assert "active" in listed
    assert "is taken back" in run(budget_app, "undo", import_id).output
    assert run(budget_app, "undo", import_id).exit_code == 1
    other = write(tmp_path / "c.csv", row(amount=1))
    assert run(budget_app, "import", path).exit_code == 0
    clash = run(budget_app, "import", other)
    assert clash.exit_code == 1
    assert "undo that first" in clash.output
    assert "Nothing was changed" in clash.output


def test_broken_files_are_reported_and_change_nothing(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    wrong_page = tmp_path / "page.csv"
    wrong_page.write_bytes((HEADER + "\n" + row("Цалин")).encode("cp1251"))
    broken = {
        wrong_page: "looks like Windows-1251",
        write(tmp_path / "columns.csv", "1", header="a"): "no column «fiscal_year»",
        write(tmp_path / "minus.csv", row(amount=-1)): "is negative",
        write(tmp_path / "place.csv", row(place="9999")): "no unit has the code 9999",
        write(tmp_path / "doubled.csv", row(), row()): "the same line as row 2",
        bomb(tmp_path / "bomb.xlsx"): "decompression bomb",
        tmp_path / "none.csv": "there is no such file",
    }
    for path, told in broken.items():
        result = run(budget_app, "import", path)
        assert result.exit_code == 1
        assert told in result.output
        assert "Nothing was changed" in result.output
    assert "No budgets imported yet" in run(budget_app, "list").output


def test_demonstration_data_must_be_asked_for(run: Callable[..., Result], tmp_path: Path) -> None:
    path = write(tmp_path / "b.csv", row())
    mapping = tmp_path / "m.yml"
    mapping.write_text(
        "demonstration: true\ncolumns: {year: fiscal_year, place: unit_code, item: econ_name_mn,"
        " stage: stage, amount: amount_mnt, source: source_url, as_of: as_of}\n",
        "utf-8",
    )
    refused = run(budget_app, "import", path, "--mapping", mapping)
    assert "add --demonstration" in refused.output
    done = run(budget_app, "import", path, "--mapping", mapping, "--demonstration")
    assert done.exit_code == 0, done.output
    assert "demonstration" in run(budget_app, "list").output


def test_facilities(run: Callable[..., Result], tmp_path: Path) -> None:
    header = "code,name,kind,place,pupils,pupils_year"
    path = write(tmp_path / "f.csv", "S1,1-р сургууль,school,2101,812,2025", header=header)
    assert "No facilities there" in run(facility_app, "list").output
    assert "nothing stored" in run(facility_app, "import", path, "--check").output
    assert "1 facilities stored" in run(facility_app, "import", path).output
    assert "812 (2025)" in run(facility_app, "list", "21").output
    again = write(tmp_path / "g.csv", "S9,1-р сургууль,school,2101,,", header=header)
    assert "already stored as S1" in run(facility_app, "import", again).output
