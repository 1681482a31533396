"""The command line. Only here: the clock, the environment, printing, exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Entry point of the `mute-audit` script."""
    import gc

    from mute_audit.cli.run import INTERRUPTED, run

    # A command builds a large model that it keeps to its end: to look through all of it for
    # garbage after every few hundred new objects costs a tenth of the time.
    gc.set_threshold(100_000, 20, 50)
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # An ordinary end would wait for threads whose calls AWS has not answered, for minutes.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
