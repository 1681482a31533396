"""The command line. Only here: the clock, the environment, printing, exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Entry point of the `mute-audit` script."""
    from mute_audit.cli.run import INTERRUPTED, run

    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # An ordinary end would wait for threads whose calls AWS has not answered, for minutes.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
