"""Writes docs/licences.md anew: every package of both locks with its licence, as installed here.

    .venv/bin/python .ci/licences.py [RASA'S PYTHON]

Rasa's environment is listed where it is installed (`./onoo nlu setup`); else it stays as it was.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
HEAD = """# Licences of packages

Onoo's own code is under the MIT licence. It stands on the packages below, each under its own; all
are installed from their authors' releases, none is copied into this repository but htmx
(`console/assets/htmx`, Zero-Clause BSD, with its licence beside it).

- **SecantusDB** (GPL-2.0-only) is the embedded database of first runs. It is an optional package
  (`embedded`), started as a process of its own and spoken to over MongoDB's protocol. No code of
  Onoo imports it (`tests/architecture/test_import_rules.py`), and the image leaves it out.
- **python-telegram-bot** (LGPL-3.0-only) and **certifi** (MPL-2.0) are used unchanged.
- **pyxform** names no licence in its metadata, but ships a BSD one. **pymessenger** names none at
  all: whoever hands on an image that holds it should ask its author first.
- BSD, MIT and Apache licences ask for their notices to go with copies: an image holds them in each
  package's `*.dist-info`.

Made by `.venv/bin/python .ci/licences.py`: what the packages' own metadata says, not legal advice.
"""


def licences(python: Path) -> dict[str, tuple[str, str]]:
    """Version and licence of every package in the environment of `python`."""
    command = [sys.executable, "-m", "piplicenses", "--python", str(python), "--format", "json"]
    done = subprocess.run([*command, "--from", "mixed"], check=True, capture_output=True, text=True)
    return {
        one["Name"]: (one["Version"], re.sub(r"\s+", " ", one["License"])[:100])
        for one in json.loads(done.stdout)
    }


def locked(project: Path, *options: str) -> set[str]:
    """The packages that a lock installs, as `uv export` names them."""
    command = ["uv", "export", "--quiet", "--frozen", "--no-hashes", "--no-emit-project", *options]
    done = subprocess.run(
        [*command, "--project", str(project)], check=True, capture_output=True, text=True
    )
    return {line.partition("==")[0] for line in done.stdout.splitlines() if "==" in line}


def table(title: str, names: set[str], known: dict[str, tuple[str, str]]) -> str:
    """A chapter with a line a package."""
    plain = {re.sub(r"[-_.]+", "-", name).lower(): name for name in known}
    lines = [f"## {title}", "", "| package | version | licence |", "|---|---|---|"]
    for name in sorted(names):
        if own := plain.get(re.sub(r"[-_.]+", "-", name).lower()):
            version, licence = known[own]
            lines.append(f"| {own} | {version} | {licence} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    here = licences(Path(sys.executable))
    runtime = locked(ROOT, "--no-dev")
    embedded = locked(ROOT, "--no-dev", "--all-extras") - runtime
    development = locked(ROOT, "--all-extras") - runtime - embedded
    parts = [
        HEAD,
        table("The platform", runtime, here),
        table("The embedded database (optional)", embedded, here),
    ]
    rasa = Path(*sys.argv[1:2] or [ROOT / ".onoo" / "nlu-venv" / "bin" / "python"])
    if rasa.exists():
        parts.append(table("Rasa's environment", locked(ROOT / "nlu" / "rasa"), licences(rasa)))
    elif PAGE.exists():
        parts.append("## Rasa" + PAGE.read_text("utf-8").split("## Rasa", 1)[1].split("\n## ")[0])
    parts.append(table("For developers only", development, here))
    PAGE.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
