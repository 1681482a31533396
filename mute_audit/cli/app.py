"""The commands: one table, each loaded only when it is called.

Starting takes no longer than what is asked for: `--help` imports none of boto3, networkx,
pydantic, jinja2, jsonschema or moto.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from mute_audit import __version__

__all__ = ["COMMANDS", "ReaderGone", "cli"]

# name → what it does; the function `command` of mute_audit/cli/<name with underscores>.py.
COMMANDS = {
    "scan": "Judge the policies, compare with the baseline, write the reports",
    "drift": "Show what changed against the baseline",
    "trace": "Follow one packet, hop by hop, there and back",
    "reach": "Show who can reach a place, and what a place can reach",
    "access": "Show who may do what to a resource, and what a principal may do",
    "simulate": "Judge one request against its policies, without an account",
    "collect": "Save a snapshot of the account, to be judged later or elsewhere",
    "report": "Render a saved report again, in any format",
    "graph": "Export the reachability graph",
    "policy": "List, show and check policies",
    "baseline": "Check a baseline",
    "init": "Write a mute-audit.yaml for your own account",
    "iam-policy": "Print the least-privilege IAM policy that a scan needs",
    "schema": "Print a published JSON Schema",
}


class ReaderGone(Exception):
    """Whoever read standard output went away: `head`, a pager."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # click itself would print an empty line first, whether there is a terminal or not.
            raise click.Abort() from None
        except BrokenPipeError:
            # click itself would end with 1, which says that a policy failed.
            raise ReaderGone from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mute_audit.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"`{name}` is not a command{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=(
        "Check that an AWS account is what its owners meant: who can reach what, who may do "
        "what, and what changed. Every verdict comes with its proof."
    ),
)
@click.version_option(__version__, prog_name="mute-audit", message="%(prog)s %(version)s")
def cli() -> None:
    pass
