"""Runs a command and turns every outcome into one message and one exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mute_audit.cli.app import ReaderGone, cli
from mute_audit.cli.console import complain
from mute_audit.errors import DisagreementError, ExitCode, MuteAuditError, why

__all__ = ["CUT_OFF", "INTERRUPTED", "run"]

# What shells report for a program that Ctrl-C ended, and for one whose reader went away.
INTERRUPTED = 128 + signal.SIGINT
CUT_OFF = 128 + signal.SIGPIPE


def run(arguments: Sequence[str]) -> int:
    """The exit code of `mute-audit ARGUMENTS`; nothing is raised but with `--debug`."""
    debug = "--debug" in arguments
    _open_streams()
    try:
        # Without standalone mode click returns what the command returned, or ctx.exit's code.
        code = cli.main(list(arguments), prog_name="mute-audit", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (click.exceptions.Abort, KeyboardInterrupt):
        if sys.stderr.isatty():
            # After the `^C` that the terminal shows.
            click.echo(err=True)
        complain("interrupted; nothing was written")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        # As click does it: help, to standard error. Nothing was asked, so 0 (clean) is no answer.
        click.echo(error.format_message(), err=True)
        return ExitCode.ERROR
    except click.ClickException as error:
        return _usage(error)
    except (ReaderGone, BrokenPipeError):
        # What is still buffered must not raise again. The verdict was not told to the end, so
        # that 0 would say too much.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CUT_OFF
    except DisagreementError as error:
        if debug:
            raise
        complain(
            f"internal error: {error}",
            "the two engines disagree, so there is no verdict; please report it with the snapshot",
        )
        return ExitCode.ERROR
    except MuteAuditError as error:
        if debug:
            raise
        complain(str(error), error.hint)
        return error.exit_code
    except MemoryError:
        complain("not enough memory for this source")
        return ExitCode.ERROR
    except OSError as error:
        if debug:
            raise
        complain(f"{error.filename or 'input/output'}: {why(error)}")
        return ExitCode.ERROR
    except Exception as error:
        if debug:
            raise
        complain(
            f"internal error: {type(error).__name__}: {error}",
            "this is a bug in mute-audit; `--debug` shows where",
        )
        return ExitCode.ERROR


def _open_streams() -> None:
    """Where a caller has closed standard output or error (`>&-`), what goes there is dropped."""
    # Open for as long as the process lives, as the streams that they stand for.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115


def _usage(error: click.ClickException) -> int:
    message = error.format_message().rstrip(".")
    ctx = getattr(error, "ctx", None)
    hint = f"see `{ctx.command_path} --help`" if ctx is not None else None
    complain(message[:1].lower() + message[1:], hint)
    return ExitCode.ERROR
