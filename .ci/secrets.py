"""Secrets in the repository: fails (1) on any that `.secrets.baseline` does not list.

What is listed there are names and made-up tokens of tests, looked at one by one. A new one of that
kind: `python .ci/secrets.py --accept`, and say in the commit why it is none.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
BASELINE = ROOT / ".secrets.baseline"


def found_in(baseline: Path) -> dict[tuple[str, str], int]:
    """The line of each finding by file and fingerprint: lines move, these do not."""
    results = json.loads(baseline.read_text("utf-8"))["results"]
    return {
        (file, one["hashed_secret"]): one["line_number"]
        for file, found in results.items()
        for one in found
    }


def main(accept: bool) -> int:
    """Scan what git knows, with the baseline's own plugins and filters."""
    with tempfile.TemporaryDirectory() as folder:
        scanned = Path(folder) / "baseline"
        shutil.copy(BASELINE, scanned)
        scan = [str(Path(sys.executable).parent / "detect-secrets"), "scan", "--baseline"]
        subprocess.run([*scan, str(scanned)], cwd=ROOT, check=True)
        now, known = found_in(scanned), found_in(BASELINE)
        if accept:
            shutil.copy(scanned, BASELINE)
            return 0
    new = {place: line for place, line in now.items() if place not in known}
    for (file, _), line in sorted(new.items()):
        print(f"{file}:{line}: this looks like a secret", file=sys.stderr)
    return int(bool(new))


if __name__ == "__main__":
    sys.exit(main("--accept" in sys.argv))
