"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from mute_audit.cli.console import VERBOSE

__all__ = [
    "aws_options",
    "common_options",
    "config_option",
    "source_argument",
    "terraform_options",
]

F = TypeVar("F", bound=Callable[..., object])


def source_argument(*, required: bool = True) -> Callable[[F], F]:
    return click.argument("source", required=required)


def aws_options(function: F) -> F:
    """How to ask AWS; ignored for every other source."""
    for option in (
        click.option("--profile", help="Named profile of the AWS configuration."),
        click.option("--role-arn", help="Role to assume before asking."),
        click.option(
            "--region", "regions", multiple=True, help="Region to ask; may be given several times."
        ),
        click.option("--all-regions", is_flag=True, help="Ask every Region that is enabled."),
        click.option("--endpoint-url", help="Another endpoint than AWS's own."),
    ):
        function = option(function)
    return function


def terraform_options(function: F) -> F:
    """How to read a plan, a state or a folder of `.tf`; ignored for every other source."""
    for option in (
        click.option(
            "--source-dir",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            help="The .tf files that a plan was made from (default: beside it).",
        ),
        click.option(
            "--with",
            "beside",
            metavar="SOURCE",
            help="Lay a plan over what lives already: `aws` or a snapshot.",
        ),
        click.option(
            "--allow-run",
            is_flag=True,
            help="Let terraform plan a folder of .tf files: runs its providers and data sources.",
        ),
        click.option(
            "--var-file",
            "var_files",
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            help="Variables for that plan; may be given several times.",
        ),
    ):
        function = option(function)
    return function


def _remember(context: click.Context, _: click.Parameter, given: bool) -> None:
    context.meta[VERBOSE] = given


def common_options(function: F) -> F:
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_remember,
            help="Say what is read and asked, and how long it takes.",
        ),
        click.option("--debug", is_flag=True, help="Show a traceback for every error."),
    ):
        function = option(function)
    return function


def config_option(function: F) -> F:
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file (default: mute-audit.yaml, found upwards from here).",
    )(function)
