"""The command line. Only here: the clock, the environment, printing, exit codes."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the `mute-audit` script."""
    from mute_audit.cli.run import run

    sys.exit(run(sys.argv[1:]))
