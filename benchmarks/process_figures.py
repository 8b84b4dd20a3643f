"""What a process costs: memory and processor time."""

from __future__ import annotations

import os
from pathlib import Path


def resident(pid: int) -> float:
    """Resident memory in MB (Linux; VmRSS of /proc)."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used so far (Linux; utime and stime of /proc)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
