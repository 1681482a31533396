"""A command as a process of its own: how long it took, and how much memory it had at most.

A process inherits the peak of the one that started it, which in a benchmark may be large. So a
small process of its own starts it and reads what it used.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cold", "cold"]

_STARTER = """
import json, os, subprocess, sys, time
start = time.perf_counter()
running = subprocess.Popen(sys.argv[2:], stdout=sys.stdout, stderr=sys.stderr)
_, status, used = os.wait4(running.pid, 0)
wall = time.perf_counter() - start
with open(sys.argv[1], "w") as out:
    json.dump([wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024,
               os.waitstatus_to_exitcode(status)], out)
"""


@dataclass(frozen=True)
class Cold:
    """Wall and processor seconds, peak memory in MiB, the last line of standard output."""

    wall: float
    cpu: float
    memory: int
    last: str


def cold(*command: str, folder: Path | None = None) -> Cold:
    """Runs `python COMMAND`; answers that are not "all is well" (1, 4) are answers.

    Raises SystemExit when it fails, with what it said.
    """
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as out:
        report = Path(scratch) / "used.json"
        subprocess.run(
            [sys.executable, "-c", _STARTER, str(report), sys.executable, *command],
            stdout=out,
            stderr=out,
            cwd=folder,
            check=True,
        )
        wall, cpu, memory, code = json.loads(report.read_text())
        out.seek(max(0, out.seek(0, 2) - 500))
        said = out.read().decode(errors="replace").strip()
    if code not in (0, 1, 4):
        raise SystemExit(f"{command} failed: {said}")
    return Cold(wall, cpu, memory, said.splitlines()[-1] if said else "")
