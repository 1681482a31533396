"""`mute-audit scan`: the main job."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit import __version__
from mute_audit.cli.clock import Stopwatch, clock
from mute_audit.cli.config import Config, load_config
from mute_audit.cli.console import detail, is_verbose, note, say
from mute_audit.cli.intended import intended, shown
from mute_audit.cli.options import (
    aws_options,
    common_options,
    config_option,
    source_argument,
    terraform_options,
)
from mute_audit.cli.sources import AGAINST, compared, opened
from mute_audit.errors import InputError, UsageError

if TYPE_CHECKING:
    from mute_audit.finding import Report, SourceInfo
    from mute_audit.intent.baseline import Baseline
    from mute_audit.policy.loader import PolicySet
    from mute_audit.sources.opening import OpenedSource
    from mute_audit.static.checkov import Running
    from mute_audit.waivers import WaiverSet

__all__ = ["command"]

DEFAULT_OUT = Path("reports/latest")
DEMO_PACK = "mute"
SEVERITIES = ("info", "low", "medium", "high", "critical")


@click.command("scan")
@source_argument(required=False)
@click.option("--drift", is_flag=True, help="With `demo`: first change things behind its back.")
@click.option("--policies", multiple=True, help="Shipped pack (`aws`, `mute`), file or folder.")
@click.option("--policy", "only", multiple=True, help="Only this policy id (`*` allowed).")
@click.option("--skip", multiple=True, help="Not this policy id (`*` allowed).")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only policies from this severity.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Intended state, for drift.")
@click.option("--against", metavar="SOURCE", help=AGAINST)
@click.option("--waivers", type=click.Path(path_type=Path), help="Accepted findings.")
@click.option(
    "--terraform",
    type=click.Path(path_type=Path, file_okay=False),
    help="Terraform folder for checkov.",
)
@click.option("--no-checkov", is_flag=True, help="Do not ask checkov.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="Lowest severity whose failure gives exit code 1 (default: low).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the reports (default: reports/latest).",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    help="Report format, may be given several times (default: json and html).",
)
@click.option("--lang", type=click.Choice(["en", "ko"]), help="Language of summary and report.")
@config_option
@aws_options
@terraform_options
@common_options
def command(
    source: str | None,
    drift: bool,
    policies: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    severity: str | None,
    baseline: Path | None,
    against: str | None,
    waivers: Path | None,
    terraform: Path | None,
    no_checkov: bool,
    fail_on: str | None,
    out: Path | None,
    formats: tuple[str, ...],
    lang: str | None,
    config: Path | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Judge SOURCE: policies, drift against the baseline, checkov over the Terraform.

    SOURCE is `aws` (the live account), `demo` (an embedded AWS), a Terraform plan or state, a
    folder of .tf files or a folder of `aws … describe-*` output. Prints a summary and writes
    the reports.

    Exit codes: 0 clean; 1 a policy failed at or above --fail-on; 2 usage, input or tool
    error, no verdict; 3 only drift; 4 incomplete: a call failed, evidence is missing, or a
    verdict is unknown. 2 beats 4 beats 1 beats 3.
    """
    from mute_audit.render.formats import format_named
    from mute_audit.render.write import write_reports

    settings = load_config(config, Path.cwd())
    source = source or settings.source
    if source is None:
        raise UsageError(
            "say what to scan", hint="`mute-audit scan aws`, `mute-audit scan demo` or a folder"
        )
    if drift and source != "demo":
        raise UsageError("`--drift` changes the embedded AWS and goes with `demo` only")
    language = lang or settings.lang or "en"
    wanted = formats or settings.formats or ("json", "html")
    for name in wanted:
        format_named(name)
    folder = out or settings.out or DEFAULT_OUT

    plan = intended(source, settings, baseline)
    values = dict(plan.file.values) if plan is not None else {}
    judged = _policies(source, settings, policies, values)
    judged = judged.select(only=only, skip=skip, severity=severity)
    accepted_findings = _waivers(waivers or settings.waivers)
    checking = None if no_checkov else _start_checkov(terraform or settings.terraform)
    try:
        found = opened(source, options, quiet=quiet, drift=drift, settings=settings)
        other = None
        if against is not None:
            other = opened(against, options, quiet=quiet, settings=settings)
        report = _judge(found, judged, plan, accepted_findings, checking, settings, fail_on, other)
    finally:
        if checking is not None:
            checking.stop()
    written = write_reports(report, folder, wanted, language)
    # Of policies that were left out nothing is known.
    if accepted_findings is not None and not quiet and not (only or skip or severity):
        for waiver in accepted_findings.unused(report.policies, clock()):
            name = " ".join(filter(None, (waiver.identity, waiver.policy)))
            note(f"note: the waiver {name} ({waiver}) is not used any more; its finding is gone")
    if found.kind == "aws" and not quiet:
        for item in _needless(settings, report):
            note(f"note: `accept_gaps` names `{item}`, which is no gap of this scan")
    _print(report, language, written, quiet=quiet)
    if not quiet:
        _tell_what_to_save(report)
    return report.summary.exit_code


def _policies(
    source: str, settings: Config, given: tuple[str, ...], values: dict[str, Any]
) -> PolicySet:
    from mute_audit.policy.loader import load_policies

    names = given or ((DEMO_PACK,) if source == "demo" else settings.policies)
    found = load_policies(names, values)
    detail(f"policies: {len(found)} from {', '.join(names)}")
    return found


def _waivers(path: Path | None) -> WaiverSet | None:
    if path is None:
        return None
    from mute_audit.waivers import load_waivers

    return load_waivers(path)


def _start_checkov(folder: Path | None) -> Running | None:
    if folder is None:
        return None
    if not folder.is_dir():
        raise InputError(
            f"there is no Terraform folder `{folder}`",
            hint="name it by --terraform or `terraform:` in mute-audit.yaml, or pass --no-checkov",
        )
    from mute_audit.static.checkov import start

    return start(folder, _checkov())


def _checkov() -> str | None:
    """The program: as it is named, on PATH, or beside mute-audit's own (where `make` links it)."""
    named = os.environ.get("MUTE_AUDIT_CHECKOV") or shutil.which("checkov")
    return named or shutil.which("checkov", path=str(Path(sys.executable).parent))


def _judge(
    found: OpenedSource,
    policies: PolicySet,
    baseline: Baseline | None,
    waivers: WaiverSet | None,
    checking: Running | None,
    settings: Config,
    fail_on: str | None,
    other: OpenedSource | None,
) -> Report:
    from mute_audit.analysis import Analysis
    from mute_audit.drift.diff import compare
    from mute_audit.finding import Severity, StaticResult, StaticStatus
    from mute_audit.pipeline import ScanInputs, run
    from mute_audit.policy.context import Context

    now = clock()
    changed = (
        compare(baseline, found.inventory, not_compared=found.never_described)
        if baseline is not None
        else None
    )
    static = StaticResult(StaticStatus.NOT_ASKED) if checking is None else checking.result()
    analysis = Analysis(found.inventory, now)
    inputs = ScanInputs(
        context=Context(
            analysis=analysis,
            drift=changed,
            static=static,
            values=dict(baseline.file.values) if baseline is not None else {},
        ),
        source=_describe(found),
        policies=policies,
        tool_version=__version__,
        now=now,
        waivers=waivers,
        baseline=str(baseline.path) if baseline is not None else "",
        fail_on=Severity(fail_on or settings.fail_on or "low"),
        accepted=settings.accepted,
        declared=found.raw.declared,
        against=other.name if other is not None else "",
        effects=compared(other, analysis),
    )
    watch = Stopwatch()
    report = run(inputs)
    detail(f"judged {len(report.policies)} policies in {watch}")
    return report


def _needless(settings: Config, report: Report) -> list[str]:
    """What the configuration accepts and nothing lacks: a slip, or settled."""
    gaps = {*report.gaps, *report.accepted_gaps}
    for policy in report.policies:
        gaps |= {*policy.gaps, *(gap for f in policy.findings for gap in f.evidence.gaps)}
    for item in report.drift:
        gaps |= {*item.gaps}
    return [each.what for each in settings.accepted if not any(map(each.covers, gaps))]


def _describe(found: OpenedSource) -> SourceInfo:
    from mute_audit.finding import SourceInfo

    regions = found.inventory.regions
    return SourceInfo(
        kind=found.kind,
        name=found.name,
        accounts=tuple(sorted({r.account for r in regions if r.account})),
        regions=tuple(sorted({r.region for r in regions if r.region and r.region != "global"})),
        collected_at=found.raw.collected_at,
        notes=found.inventory.notes,
    )


def _tell_what_to_save(report: Report) -> None:
    """Which command's output would decide what a folder of describe output leaves open."""
    from mute_audit.inventory import NOT_HELD
    from mute_audit.sources.keys import command_of

    if report.source.kind != "directory":
        return
    needed: dict[str, set[str]] = {}
    for gap in report.gaps:
        if gap.why == NOT_HELD:
            decided = needed.setdefault(command_of(gap.key), set())
            decided |= {
                policy.id
                for policy in report.policies
                if any(missed.what == gap.what for missed in policy.gaps)
            }
    for call, policies in sorted(needed.items()):
        what = ", ".join(sorted(policies)) or "the comparison with the baseline"
        note(f"hint: save the output of `{call}` there as well; it decides {what}")


def _print(report: Report, language: str, written: Sequence[Path], *, quiet: bool) -> None:
    from mute_audit.render.formats import render
    from mute_audit.render.interface import Options, wants_color

    options = Options(
        lang=language,
        width=min(shutil.get_terminal_size((110, 40)).columns, 120),
        color=wants_color(os.environ, sys.stdout.isatty()),
        quiet=quiet,
        verbose=is_verbose(),
        written=tuple(shown(path) for path in written),
    )
    say(render(report, "text", options), color=options.color)
