"""The examples of the guide for analysts do what they say, and R reads what is exported."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from analytics.formats.coding import Coding
from analytics.request import Format
from storage.store import Store
from tests.analytics.conftest import Client, token
from tests.analytics.test_round_trips import ROWS, SCORES, TABLE, written

GUIDE = Path(__file__).parents[2] / "docs" / "analysts.md"
RSCRIPT = shutil.which("Rscript")


def has_r(*packages: str) -> bool:
    """Whether R is here with these packages."""
    if RSCRIPT is None:
        return False
    asked = "; ".join(f'stopifnot(requireNamespace("{one}", quietly=TRUE))' for one in packages)
    return subprocess.run([RSCRIPT, "-e", asked or "TRUE"], capture_output=True).returncode == 0


needs_r = pytest.mark.skipif(not has_r(), reason="R is not here: apt install r-base-core")
needs_haven = pytest.mark.skipif(
    not has_r("haven", "jsonlite"), reason="R's haven is not here: apt install r-cran-haven"
)


def example(language: str, client: Client) -> str:
    """All code of a language in the guide, asking this server for this survey."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert blocks
    code = "\n".join(blocks).replace("http://127.0.0.1:8080", str(client.make_url("/"))[:-1])
    return code.replace('"school"', '"school_visit"').replace("form=school&", "form=school_visit&")


async def ran(store: Store, *command: str) -> str:
    """What a program with a token in its environment prints."""
    secret = (await token(store))["Authorization"].removeprefix("Bearer ")
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "ONOO_TOKEN": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def test_pandas(client: Client, store: Store) -> None:
    code = example("python", client).partition("import polars")[0]
    told = await ran(store, sys.executable, "-c", f"{code}\nprint(len(rows), 'rows')")
    assert re.search(r"^0401 +5.0 +1$", told, re.MULTILINE), told
    assert "4 rows" in told


@pytest.mark.skipif(
    importlib.util.find_spec("polars") is None, reason="polars is not here: pip install polars"
)
async def test_polars(client: Client, store: Store) -> None:
    told = await ran(store, sys.executable, "-c", example("python", client))
    assert "shape: (4, 2)" in told


@needs_r
async def test_r(client: Client, store: Store) -> None:
    assert RSCRIPT is not None
    told = await ran(store, RSCRIPT, "-e", example("r", client))
    assert re.search(r"^ +0401 +1 +1 +1$", told, re.MULTILINE), told


READ = """
library(haven)
read <- if (endsWith(commandArgs(TRUE)[1], "dta")) read_dta else read_sav
columns <- lapply(read(commandArgs(TRUE)[1]), function(column) list(
  label = attr(column, "label"), kind = class(column),
  names = names(attr(column, "labels")), codes = as.vector(attr(column, "labels")),
  values = if (is.character(column)) as.vector(column) else as.numeric(column)))
cat(jsonlite::toJSON(columns, digits = NA, na = "null", null = "null"))
"""


@needs_haven
@pytest.mark.parametrize("wanted", [Format.SAV, Format.ZSAV, Format.DTA])
def test_haven_reads_back_every_value(tmp_path: Path, wanted: Format) -> None:
    assert RSCRIPT is not None
    path = written(wanted, tmp_path)
    command = [RSCRIPT, "-e", READ, str(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    columns: list[dict[str, Any]] = list(json.loads(done.stdout).values())
    assert len(columns) == len(TABLE.columns)
    for number, column in enumerate(columns):
        for row, found in zip(ROWS, column["values"], strict=True):
            check(row[number], found, is_stata=wanted is Format.DTA)
    score = columns[4]
    labels = dict(zip(score["codes"], score["names"], strict=True))
    assert (labels[1], labels[5]) == ("Маш муу", "Маш сайн")
    assert labels[-1].startswith("Мэдэхгүй")
    assert columns[0]["label"] == ["Case"]
    kinds = [columns[at]["kind"][0] for at in (6, 7, 8)]
    assert kinds == (["Date", "POSIXct", "POSIXct"] if wanted is Format.DTA else
                     ["Date", "hms", "POSIXct"])  # fmt: skip


def check(value: Any, found: Any, *, is_stata: bool) -> None:
    """A cell as R has it: seconds, days since 1970, codes; blank texts where nothing is."""
    if value is None:
        assert found in (None, "", "NA")
    elif isinstance(value, datetime):
        assert found == pytest.approx(value.timestamp(), abs=0.001)
    elif isinstance(value, date):
        assert found == (value - date(1970, 1, 1)).days
    elif isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        # Stata has no times of day: what it shows as one is a moment of 1 January 1960.
        start = datetime(1960, 1, 1, tzinfo=UTC).timestamp() if is_stata else 0
        assert found == pytest.approx(start + seconds)
    elif isinstance(value, (int, float)):
        assert found == pytest.approx(value, rel=1e-12)
    elif isinstance(found, str):
        assert found == (value if is_stata else value.rstrip(" "))
    else:
        assert found == Coding(SCORES).code(value)
