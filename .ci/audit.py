"""Known weaknesses of what is installed: pip-audit over both locks, less what does not reach us.

Fails (1) on a weakness of the platform that `.ci/advisories.toml` does not explain. One of Rasa's
is printed and fails nothing: its pins can't be moved at will, and its server answers our own
processes alone. Where no advisory service can
be reached nothing was audited: that is said loudly and fails nothing, since it says nothing of
the packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EXPLAINED = ROOT / ".ci" / "advisories.toml"
ENVIRONMENTS = {
    "platform": ("--project", str(ROOT), "--all-extras", "--no-dev"),
    "rasa": ("--project", str(ROOT / "nlu" / "rasa")),
}
"""What `uv export` is told for each environment."""
FAILS = {"platform"}
"""Environments whose open weaknesses fail the run."""
PATIENCE = 50.0
"""Seconds; a service that takes longer counts as out of reach."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one environment; `open` are weaknesses that nobody explained."""

    environment: str
    audited: int
    skipped: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)


def judge(environment: str, report: dict[str, Any], explained: list[dict[str, Any]]) -> Verdict:
    """pip-audit's report held against the explanations for `environment`."""
    ours = [one for one in explained if one["environment"] == environment]
    verdict = Verdict(environment, 0)
    audited = 0
    for package in report.get("dependencies", []):
        if "skip_reason" in package:
            verdict.skipped.append(package["name"])
            continue
        audited += 1
        for weakness in package["vulns"]:
            names = {weakness["id"], *weakness.get("aliases", ())}
            reason = next(
                (
                    one
                    for one in ours
                    if one["package"] == package["name"] and names & set(one["ids"])
                ),
                None,
            )
            if reason:
                verdict.explained.update(names & set(reason["ids"]))
            else:
                mends = ", ".join(weakness.get("fix_versions", ())) or "none yet"
                verdict.open.append(
                    f"{package['name']} {package['version']}: {weakness['id']} (fixed in: {mends})"
                )
    return Verdict(environment, audited, verdict.skipped, verdict.open, verdict.explained)


def report_of(environment: str) -> dict[str, Any]:
    """What pip-audit says of an environment; empty where it could not say anything."""
    export = ["uv", "export", "--quiet", "--frozen", "--no-emit-project"]
    command = [*export, "--format", "requirements-txt", *ENVIRONMENTS[environment]]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        audit = [str(Path(sys.executable).parent / "pip-audit"), "--requirement", str(listed)]
        audit += ["--disable-pip", "--require-hashes", "--format", "json", "--timeout", "10"]
        try:
            done = subprocess.run(audit, capture_output=True, text=True, timeout=PATIENCE)
            return dict(json.loads(done.stdout))
        except (subprocess.TimeoutExpired, ValueError):
            return {}


def main() -> int:
    """Audit both environments and say what was found."""
    explained = tomllib.loads(EXPLAINED.read_text("utf-8"))["explained"]
    with ThreadPoolExecutor() as pool:
        reports = list(pool.map(report_of, ENVIRONMENTS))
    failed = False
    for environment, report in zip(ENVIRONMENTS, reports, strict=True):
        verdict = judge(environment, report, explained)
        failed |= bool(verdict.open) and environment in FAILS
        for line in told(verdict, explained):
            print(line, file=sys.stderr)
    return int(failed)


def told(verdict: Verdict, explained: list[dict[str, Any]]) -> list[str]:
    """The verdict in lines for people."""
    name = verdict.environment
    if not verdict.audited:
        frame = "!" * 79
        return [
            frame,
            f"!! NOT AUDITED: no advisory service could be reached for the packages of {name}.",
            "!! This run says nothing about known weaknesses. Run .ci/audit.py where it can be.",
            frame,
        ]
    lines = [f"{name}: {verdict.audited} packages audited, {len(verdict.explained)} explained"]
    if verdict.skipped:
        lines.append(f"{name}: not audited: {', '.join(verdict.skipped)}")
    known = {one for entry in explained if entry["environment"] == name for one in entry["ids"]}
    if gone := sorted(known - verdict.explained):
        lines.append(f"{name}: explained but not reported (any more?): {', '.join(gone)}")
    return [*lines, *(f"{name}: WEAKNESS {one}" for one in verdict.open)]


if __name__ == "__main__":
    sys.exit(main())
