"""What docs/security.md names exists: its tests, its files, and the explained weaknesses."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def script(name: str) -> ModuleType:
    """A script of `.ci`."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_test_it_names_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)", sources))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 40
    assert named - there == set()


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`((?:\.ci|[a-z]+)/[\w/.-]+\.\w+|pyproject\.toml)`", PAGE))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


# -- the audit -------------------------------------------------------------------------------

EXPLAINED: list[dict[str, Any]] = tomllib.loads(
    (ROOT / ".ci" / "advisories.toml").read_text("utf-8")
)["explained"]


def test_every_explained_weakness_is_told() -> None:
    for one in EXPLAINED:
        assert one["environment"] in script("audit").ENVIRONMENTS
        assert len(one["reason"]) > 20
        assert [name for name in one["ids"] if name.startswith("CVE") and name not in PAGE] == []


def test_every_explained_package_is_locked() -> None:
    locks = {"platform": ROOT / "uv.lock", "rasa": ROOT / "nlu" / "rasa" / "uv.lock"}
    for one in EXPLAINED:
        assert f'\nname = "{one["package"]}"\n' in locks[one["environment"]].read_text("utf-8")


def report(*vulnerable: tuple[str, str], skipped: tuple[str, ...] = ()) -> dict[str, Any]:
    weakness = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "version": "1.0",
            "vulns": [{**weakness, "aliases": [alias]}] if alias else [],
        }
        for name, alias in vulnerable
    ]
    return {"dependencies": found + [{"name": n, "skip_reason": "not found"} for n in skipped]}


REASON = {"environment": "rasa", "package": "keras", "ids": ["CVE-1"], "reason": "never loaded"}


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        (report(("keras", "")), []),
        (report(("keras", "CVE-1")), []),
        (report(("keras", "CVE-2")), ["keras 1.0: PYSEC-1 (fixed in: 1.1)"]),
        (report(("other", "CVE-1")), ["other 1.0: PYSEC-1 (fixed in: 1.1)"]),
    ],
)
def test_only_what_is_explained_passes(given: dict[str, Any], opened: list[str]) -> None:
    assert script("audit").judge("rasa", given, [REASON]).open == opened
    elsewhere = script("audit").judge("platform", given, [REASON]).open
    assert bool(elsewhere) == bool(given["dependencies"][0]["vulns"])


def test_an_audit_that_reached_nobody_is_told_loudly_and_fails_nothing() -> None:
    audit = script("audit")
    for nothing in (report(skipped=("aiohttp", "keras")), {}):
        verdict = audit.judge("rasa", nothing, [REASON])
        assert not verdict.open
        assert "NOT AUDITED" in "".join(audit.told(verdict, [REASON]))
    some = audit.judge("rasa", report(("keras", ""), skipped=("mine",)), [REASON])
    said = "\n".join(audit.told(some, [REASON]))
    assert "NOT AUDITED" not in said
    assert "not audited: mine" in said
    assert "explained but not reported (any more?): CVE-1" in said


# -- secrets ---------------------------------------------------------------------------------


def test_a_secret_is_known_wherever_in_its_file_it_stands(tmp_path: Path) -> None:
    def baseline(line: int, *hashes: str) -> Path:
        found = [{"hashed_secret": one, "line_number": line} for one in hashes]
        path = tmp_path / f"{line}.json"
        path.write_text(json.dumps({"results": {"a.py": found}}))
        return path

    found_in = script("secrets").found_in
    known, now = found_in(baseline(1, "x")), found_in(baseline(7, "x", "y"))
    assert now.keys() - known.keys() == {("a.py", "y")}


def test_every_known_secret_was_looked_at() -> None:
    results = json.loads((ROOT / ".secrets.baseline").read_text("utf-8"))["results"]
    assert len(results) > 10
    for found in results.values():
        assert [one["line_number"] for one in found if one.get("is_secret", True)] == []
